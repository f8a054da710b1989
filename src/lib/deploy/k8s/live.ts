import { fail } from "../../errors.js";
import type { Cluster } from "./kubectl.js";
import type { Labels } from "./object.js";

/** What the API server tells of objects, as far as it is looked at. */
export interface LiveObject {
	readonly kind: string;
	readonly metadata: {
		readonly name: string;
		readonly namespace?: string;
		readonly uid?: string;
		readonly generation?: number;
		readonly labels?: Labels;
		readonly annotations?: Labels;
		readonly deletionTimestamp?: string;
		readonly ownerReferences?: readonly { readonly uid: string }[];
		readonly managedFields?: readonly {
			readonly manager?: string;
			readonly operation?: string;
			readonly fieldsV1?: Readonly<Record<string, unknown>>;
		}[];
	};
}

export interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
}

export interface LiveDeployment extends LiveObject {
	readonly spec: {
		readonly replicas?: number;
		readonly progressDeadlineSeconds?: number;
	};
	readonly status?: {
		readonly observedGeneration?: number;
		readonly replicas?: number;
		readonly updatedReplicas?: number;
		readonly availableReplicas?: number;
		readonly conditions?: readonly Condition[];
	};
}

export interface LiveReplicaSet extends LiveObject {
	readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface LivePod extends LiveObject {
	readonly spec?: { readonly nodeName?: string };
	readonly status?: {
		readonly phase?: string;
		readonly reason?: string;
		readonly message?: string;
		readonly conditions?: readonly Condition[];
		readonly containerStatuses?: readonly ContainerStatus[];
	};
}

export interface ContainerStatus {
	readonly name: string;
	readonly image: string;
	readonly ready: boolean;
	readonly restartCount: number;
	readonly state?: ContainerState;
	readonly lastState?: ContainerState;
}

interface ContainerState {
	readonly waiting?: { readonly reason?: string; readonly message?: string };
	readonly terminated?: {
		readonly reason?: string;
		readonly exitCode: number;
	};
}

/** Objects of some kinds, by label; fails as kubectl does. */
export async function listLive<T extends LiveObject>(
	cluster: Cluster,
	kinds: readonly string[],
	place: readonly string[],
): Promise<T[]> {
	const text = await cluster.run(
		["get", kinds.join(","), ...place, "-o", "json", "--show-managed-fields"],
		{ verb: `look at ${kinds.join(", ")}` },
	);
	return parsed<{ items?: T[] }>(text).items ?? [];
}

/** One object, or undefined where there is none of that name. */
export async function findLive<T extends LiveObject>(
	cluster: Cluster,
	kind: string,
	name: string,
	namespace?: string,
): Promise<T | undefined> {
	const text = await cluster.run(
		[
			...["get", kind, name, "--ignore-not-found", "-o", "json"],
			"--show-managed-fields",
			...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
		],
		{ verb: `look at ${kind} ${name}` },
	);
	return text.trim() === "" ? undefined : parsed<T>(text);
}

export function parsed<T>(text: string): T {
	try {
		return JSON.parse(text) as T;
	} catch (cause) {
		throw fail("CORRUPT", "cannot read what kubectl printed: it is not JSON", {
			cause,
		});
	}
}
