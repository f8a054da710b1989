import type { LiveObject } from "./live.js";

export interface LiveNode extends LiveObject {
	readonly spec?: {
		readonly providerID?: string;
		readonly unschedulable?: boolean;
		readonly taints?: readonly {
			readonly key: string;
			readonly effect: string;
		}[];
	};
	readonly status?: {
		readonly conditions?: readonly {
			readonly type: string;
			readonly status: string;
		}[];
		readonly allocatable?: Readonly<Record<string, string>>;
		readonly nodeInfo?: { readonly architecture?: string };
	};
}

/** A cluster that has fewer nodes than were asked for. */
export interface Shortage {
	readonly context: string;
	readonly nodes: readonly LiveNode[];
	readonly wanted: number;
}

interface Provider {
	readonly title: string;
	/** Begins the id by which a node is known there. */
	readonly prefix: RegExp;
	/** What to type for more nodes; words that only its user knows are upper case. */
	resize(shortage: Shortage): string;
}

/** THE table of who makes clusters (providerIDs: cloud-provider's of each). */
const PROVIDERS: readonly Provider[] = [
	{ title: "GKE", prefix: /^gce:/, resize: resizeGke },
	{ title: "EKS", prefix: /^aws:/, resize: resizeEks },
	{ title: "AKS", prefix: /^azure:/, resize: resizeAks },
	{
		title: "kind",
		prefix: /^kind:/,
		resize: ({ context, wanted }) => {
			const name = word(context.replace(/^kind-/, ""), "NAME");
			return `kind delete cluster --name ${name} && mlship deploy k8s --create-cluster kind --cluster-name ${name} --nodes ${wanted} --yes (kind's clusters keep their size)`;
		},
	},
	{
		title: "k3d",
		prefix: /^k3s:/,
		resize: ({ context, nodes, wanted }) =>
			`k3d node create more --cluster ${word(context.replace(/^k3d-/, ""), "NAME")} --role agent --replicas ${wanted - nodes.length}`,
	},
	{
		title: "kwok",
		prefix: /^kwok:/,
		resize: ({ context, wanted }) =>
			`kwokctl scale node --name ${word(context.replace(/^kwok-/, ""), "NAME")} --replicas ${wanted}`,
	},
	{
		title: "DigitalOcean",
		prefix: /^digitalocean:/,
		resize: ({ wanted }) =>
			`doctl kubernetes cluster node-pool update CLUSTER POOL --count ${wanted}`,
	},
];

/** Whose cluster it is, and the command that gives it the nodes that it lacks. */
export function resizeCommand(shortage: Shortage): {
	readonly provider: string;
	readonly command: string;
} {
	const { nodes, wanted } = shortage;
	const id = nodes[0]?.spec?.providerID ?? "";
	const provider = PROVIDERS.find(({ prefix }) => prefix.test(id));
	if (provider !== undefined)
		return { provider: provider.title, command: provider.resize(shortage) };
	const isMinikube = labelOf(nodes, "minikube.k8s.io/name") !== undefined;
	return isMinikube
		? {
				provider: "minikube",
				command: Array(wanted - nodes.length)
					.fill("minikube node add")
					.join(" && "),
			}
		: {
				provider: "",
				command: `add ${wanted - nodes.length} worker nodes by the tool that made the cluster`,
			};
}

/** In a regional cluster `--num-nodes` counts the nodes of each zone. */
function resizeGke({ context, nodes, wanted }: Shortage): string {
	const [, , location, cluster] =
		/^gke_([^_]+)_([^_]+)_(.+)$/.exec(context) ?? [];
	const zones = new Set(
		nodes.map(
			({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"],
		),
	).size;
	const isRegional = location !== undefined && !/-[a-z]$/.test(location);
	const count = isRegional ? Math.ceil(wanted / Math.max(1, zones)) : wanted;
	const pool = labelOf(nodes, "cloud.google.com/gke-nodepool");
	return [
		`gcloud container clusters resize ${word(cluster, "NAME")} --num-nodes ${count}`,
		...(pool === undefined ? [] : [`--node-pool ${word(pool, "POOL")}`]),
		`${isRegional ? "--region" : "--zone"} ${word(location, "ZONE")}`,
	].join(" ");
}

function resizeEks({ context, nodes, wanted }: Shortage): string {
	const [, byName] = /^[^@]+@([^.]+)\.[^.]+\.eksctl\.io$/.exec(context) ?? [];
	const [, byArn] =
		/^arn:aws[\w-]*:eks:[^:]*:\d*:cluster\/(.+)$/.exec(context) ?? [];
	const group =
		labelOf(nodes, "eks.amazonaws.com/nodegroup") ??
		labelOf(nodes, "alpha.eksctl.io/nodegroup-name");
	return `eksctl scale nodegroup --cluster ${word(byName ?? byArn, "NAME")} --name ${word(group, "NODEGROUP")} --nodes ${wanted} --nodes-max ${wanted}`;
}

function resizeAks({ nodes, wanted }: Shortage): string {
	// the resource group of its machines: MC_GROUP_NAME_LOCATION
	const [, group, name] =
		/^mc_([^_]+)_([^_]+)_[^_]+$/i.exec(
			labelOf(nodes, "kubernetes.azure.com/cluster") ?? "",
		) ?? [];
	const pool = labelOf(nodes, "kubernetes.azure.com/agentpool");
	return [
		`az aks scale --resource-group ${word(group, "GROUP")} --name ${word(name, "NAME")} --node-count ${wanted}`,
		...(pool === undefined ? [] : [`--nodepool-name ${word(pool, "POOL")}`]),
	].join(" ");
}

function labelOf(nodes: readonly LiveNode[], key: string): string | undefined {
	return nodes
		.map(({ metadata }) => metadata.labels?.[key])
		.find((value) => value !== undefined);
}

/** What a shell takes for one plain word, as the user may paste it; else a word to replace. */
function word(text: string | undefined, otherwise: string): string {
	return text !== undefined && /^[\w][\w.-]*$/.test(text) ? text : otherwise;
}
