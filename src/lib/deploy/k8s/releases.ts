import { fail } from "../../errors.js";
import { applyObjects } from "./apply.js";
import type { Cluster } from "./kubectl.js";
import { labelsOf } from "./labels.js";
import { findLive, type LiveObject, parsed } from "./live.js";
import type { Canary } from "./manifests.js";
import type { KubeObject } from "./object.js";
import type { Service } from "./service.js";

/** A service as it once served all requests, or does. */
export interface Release {
	/** Counts from 1. */
	readonly id: number;
	/** ISO 8601. */
	readonly time: string;
	readonly service: Service;
	/** What is tried beside it, in the latest release alone. */
	readonly canary?: Canary;
}

/** As many are kept as the Deployment keeps of its own past, and some more. */
const KEPT = 10;
const FILE = "releases.json";
/** Of the Deployment, tells which release its template is of: one that is in no list has failed. */
export const RELEASE = "mlship.dev/release";

/**
 * The releases of a service, the latest first; none where nothing was applied by mlship. They are kept in the cluster, so
 * that whoever may deploy may go back. Fails with CORRUPT where somebody else wrote what is there.
 */
export async function readReleases(
	cluster: Cluster,
	{ name, namespace }: Pick<Service, "name" | "namespace">,
): Promise<Release[]> {
	const found = await findLive<LiveObject & { data?: Record<string, string> }>(
		cluster,
		"configmap",
		releasesName(name),
		namespace,
	);
	const text = found?.data?.[FILE];
	if (text === undefined) return [];
	const releases = parsed<unknown>(text);
	if (!Array.isArray(releases) || !releases.every(isRelease))
		throw fail(
			"CORRUPT",
			`cannot read configmap ${releasesName(name)} in namespace ${namespace}: it holds no releases of this version of mlship`,
			{ hint: "delete it, and apply once more" },
		);
	return releases;
}

/** Keeps releases, the latest first. */
export async function writeReleases(
	cluster: Cluster,
	service: Service,
	releases: readonly Release[],
): Promise<void> {
	const object: KubeObject = {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: {
			name: releasesName(service.name),
			namespace: service.namespace,
			labels: labelsOf(service),
		},
		data: { [FILE]: JSON.stringify(releases.slice(0, KEPT)) },
	};
	await applyObjects(cluster, [object], { force: true });
}

export function releasesName(name: string): string {
	return `${name}-releases`;
}

/** The objects with the release's number on what runs. */
export function stamped(
	objects: readonly KubeObject[],
	id: number,
): KubeObject[] {
	return objects.map((object) =>
		object.kind === "Deployment"
			? {
					...object,
					metadata: {
						...object.metadata,
						annotations: { ...object.metadata.annotations, [RELEASE]: `${id}` },
					},
				}
			: object,
	);
}

/** What manifests cannot be made without; the rest is as the same version of mlship wrote it. */
function isRelease(value: unknown): value is Release {
	const { id, service } = (value ?? {}) as Partial<Release>;
	if (typeof id !== "number" || typeof service !== "object") return false;
	const texts = [service?.name, service?.namespace, service?.image];
	return (
		texts.every((text) => typeof text === "string") &&
		Array.isArray(service?.models) &&
		typeof service?.size === "object" &&
		typeof service?.access === "object"
	);
}
