import type { Cluster } from "./kubectl.js";
import { MANAGER } from "./labels.js";
import type { LiveDeployment } from "./live.js";
import type { KubeObject } from "./object.js";
import { yamlOf } from "./yaml.js";

/**
 * Where an autoscaler takes over from a fixed number of replicas, that number must not go with our say in it: a field that
 * its last owner leaves out falls back to its default, which is one replica. Another owner says it first (kubernetes.io,
 * "Server-Side Apply", transferring ownership); the autoscaler then changes it as it likes.
 */
export async function handReplicasOver(
	cluster: Cluster,
	live: LiveDeployment | undefined,
	objects: readonly KubeObject[],
): Promise<void> {
	const next = objects.find(
		({ kind, metadata }) =>
			kind === "Deployment" && metadata.name === live?.metadata.name,
	);
	const replicas = live?.spec.replicas;
	if (live === undefined || next === undefined || replicas === undefined)
		return;
	const isLeftOut = (next.spec as { replicas?: number }).replicas === undefined;
	if (!isLeftOut || !saysReplicas(live)) return;
	const { name, namespace } = next.metadata;
	const { apiVersion, kind } = next;
	await cluster.run(
		[
			...["apply", "--server-side", "--force-conflicts"],
			...[`--field-manager=${MANAGER}-autoscaler`, "--filename=-"],
		],
		{
			input: yamlOf({
				apiVersion,
				kind,
				metadata: { name, namespace },
				spec: { replicas },
			}),
			verb: `hand the replicas of ${name} to the autoscaler`,
		},
	);
}

/** Whether we are who set `spec.replicas`. */
function saysReplicas({ metadata }: LiveDeployment): boolean {
	const ours = metadata.managedFields?.find(
		({ manager, operation }) => manager === MANAGER && operation === "Apply",
	);
	const spec = ours?.fieldsV1?.["f:spec"];
	return typeof spec === "object" && spec !== null && "f:replicas" in spec;
}
