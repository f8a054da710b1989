import { expect, test } from "vitest";
import {
	type LiveNode,
	resizeCommand,
} from "../../../../src/lib/deploy/k8s/providers.js";

function node(
	providerID: string,
	labels: Readonly<Record<string, string>> = {},
): LiveNode {
	return {
		kind: "Node",
		metadata: { name: "n", labels },
		spec: { providerID },
	};
}

const zone = (name: string) => ({ "topology.kubernetes.io/zone": name });

/** Contexts, ids and labels as the providers' own tools write them; commands as their pages have them. */
test.each([
	[
		"GKE, one zone",
		"gke_my-project_us-central1-a_web",
		[node("gce://my-project/us-central1-a/x", zone("us-central1-a"))],
		"gcloud container clusters resize web --num-nodes 5 --zone us-central1-a",
	],
	[
		// --num-nodes counts the nodes of each zone there: 2 in each of 3 zones are the 5 that are wanted, and one
		"GKE, a region of three zones",
		"gke_my-project_us-central1_web",
		["a", "b", "c"].map((z) =>
			node("gce://p/z/x", {
				...zone(`us-central1-${z}`),
				"cloud.google.com/gke-nodepool": "default-pool",
			}),
		),
		"gcloud container clusters resize web --num-nodes 2 --node-pool default-pool --region us-central1",
	],
	[
		"EKS",
		"eve@web.us-east-1.eksctl.io",
		[
			node("aws:///us-east-1a/i-1", {
				"alpha.eksctl.io/nodegroup-name": "ng-1",
			}),
		],
		"eksctl scale nodegroup --cluster web --name ng-1 --nodes 5 --nodes-max 5",
	],
	[
		"EKS by its ARN",
		"arn:aws:eks:us-east-1:123456789012:cluster/web",
		[node("aws:///us-east-1a/i-1")],
		"eksctl scale nodegroup --cluster web --name NODEGROUP --nodes 5 --nodes-max 5",
	],
	[
		"AKS",
		"web",
		[
			node("azure:///subscriptions/1/x", {
				"kubernetes.azure.com/cluster": "MC_group_web_eastus",
				"kubernetes.azure.com/agentpool": "nodepool1",
			}),
		],
		"az aks scale --resource-group group --name web --node-count 5 --nodepool-name nodepool1",
	],
	[
		"k3d",
		"k3d-web",
		[node("k3s://a"), node("k3s://b")],
		"k3d node create more --cluster web --role agent --replicas 3",
	],
	[
		"minikube",
		"minikube",
		[1, 2, 3, 4].map(() => node("", { "minikube.k8s.io/name": "minikube" })),
		"minikube node add",
	],
	[
		"kwok",
		"kwok-web",
		[node("kwok:///n")],
		"kwokctl scale node --name web --replicas 5",
	],
])("%s gets more nodes by its own command", (_, context, nodes, command) => {
	expect(resizeCommand({ context, nodes, wanted: 5 }).command).toBe(command);
});

test("a cluster of kind is made anew, as it keeps its size", () => {
	const nodes = [node("kind://docker/web/web-worker")];
	const { command } = resizeCommand({ context: "kind-web", nodes, wanted: 5 });
	expect(command).toContain("kind delete cluster --name web && ");
	expect(command).toContain(
		"--create-cluster kind --cluster-name web --nodes 5",
	);
});

test("nothing of a name goes into a command that a shell would run", () => {
	const nodes = [node("gce://x")];
	const context = "gke_p_us-central1-a_web; rm -rf $HOME";
	expect(resizeCommand({ context, nodes, wanted: 5 }).command).not.toContain(
		"rm",
	);
});
