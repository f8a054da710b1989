import type { Labels } from "./object.js";
import type { Service, Track } from "./service.js";

export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const INSTANCE = "app.kubernetes.io/instance";
export const TRACK = "mlship.dev/track";
/** Who applies, in managed fields and in `managed-by`. */
export const MANAGER = "mlship";

/** What finds the pods of a service; with a track, those of that one. A Deployment's never changes. */
export function selectorOf(
	{ name }: Pick<Service, "name">,
	track?: Track,
): Labels {
	return {
		"app.kubernetes.io/name": "mlship",
		[INSTANCE]: name,
		...(track !== undefined && { [TRACK]: track }),
	};
}

/** Of every object, as Kubernetes recommends them. */
export function labelsOf(
	service: Pick<Service, "name">,
	track?: Track,
): Labels {
	return {
		...selectorOf(service, track),
		"app.kubernetes.io/component": "model-server",
		[MANAGED_BY]: MANAGER,
	};
}

/** Finds every object of a service. */
export function ownedSelector(name: string): string {
	return `${INSTANCE}=${name},${MANAGED_BY}=${MANAGER}`;
}
