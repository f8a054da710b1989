import type { Cluster } from "./kubectl.js";
import { MANAGER } from "./labels.js";
import type { LiveDeployment } from "./live.js";
import type { KubeObject } from "./object.js";
import { yamlOf } from "./yaml.js";

/** A Deployment whose number of replicas is the autoscaler's, as it is to be. */
interface Scaled {
	readonly object: KubeObject;
	readonly live: LiveDeployment | undefined;
	/** The fewest that the autoscaler would make. */
	readonly least: number;
}

/**
 * Where an autoscaler takes over from a fixed number of replicas, that number must not go with our say in it: a field that
 * its last owner leaves out falls back to its default, which is one replica. Another owner says it first (kubernetes.io,
 * "Server-Side Apply", transferring ownership); the autoscaler then changes it as it likes.
 */
export async function handReplicasOver(
	cluster: Cluster,
	{ object, live, least }: Scaled,
): Promise<void> {
	if (live === undefined || !saysReplicas(live)) return;
	await sayReplicas(cluster, object, Math.max(live.spec.replicas ?? 1, least));
}

/** A new Deployment begins with one replica, and the autoscaler looks at it a quarter of a minute later: nobody has to wait. */
export async function startReplicas(
	cluster: Cluster,
	{ object, live, least }: Scaled,
): Promise<void> {
	if ((live?.spec.replicas ?? 1) < least)
		await sayReplicas(cluster, object, least);
}

async function sayReplicas(
	cluster: Cluster,
	{ apiVersion, kind, metadata }: KubeObject,
	replicas: number,
): Promise<void> {
	const { name, namespace } = metadata;
	const partial = {
		apiVersion,
		kind,
		metadata: { name, namespace },
		spec: { replicas },
	};
	await cluster.run(
		[
			...["apply", "--server-side", "--force-conflicts"],
			...[`--field-manager=${MANAGER}-autoscaler`, "--filename=-"],
		],
		{ input: yamlOf(partial), verb: `say how many replicas ${name} has` },
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
