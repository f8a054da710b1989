/**
 * A service as it is to be: all that its manifests are made of, and nothing of the machine where they are made. Plain data,
 * kept in the cluster with each release, so that one can be gone back to.
 */
export interface Service {
	/** Of its objects; a DNS label. */
	readonly name: string;
	readonly namespace: string;
	/** Whether the namespace is ours to make and to label. */
	readonly ownsNamespace: boolean;
	readonly image: string;
	readonly runtime: Runtime;
	readonly models: readonly ServedModel[];
	readonly weights: WeightsPlace;
	readonly size: ModelSize;
	readonly replicas: number;
	/** As many as the autoscaler may start; the number of replicas itself for no autoscaler. */
	readonly maxReplicas: number;
	/** Replicas that do not fit onto different nodes wait. */
	readonly isStrict: boolean;
	/** Processors that a replica is promised. */
	readonly cpus: number;
	/** Kubernetes' quantities in place of those that follow from the models' bytes. */
	readonly memory?: string;
	readonly env: Readonly<Record<string, string>>;
	/** A secret of the namespace with credentials of the image's registry. */
	readonly pullSecret?: string;
	/** A secret of the namespace whose key `tokens` says who may ask. */
	readonly tokenSecret?: string;
	readonly access: Access;
}

export type Runtime = "mlship" | "tfs";

export interface ServedModel {
	readonly name: string;
	/** Ascending decimal numbers; the last one answers who names none. */
	readonly versions: readonly string[];
	readonly labels: Readonly<Record<string, string>>;
}

/** Where a container finds the models: in its own image, in another image that is mounted, or on a volume that is there. */
export type WeightsPlace =
	| { readonly kind: "image" }
	| { readonly kind: "volume"; readonly image: string }
	| { readonly kind: "pvc"; readonly claim: string };

export interface ModelSize {
	/** Of all versions that are served. */
	readonly bytes: number;
	/** Of the largest version. */
	readonly largest: number;
}

/** Who can reach it, beside the pods of its own namespace. */
export interface Access {
	readonly loadBalancer: boolean;
	/** CIDRs that may use the load balancer; none for everybody. */
	readonly sources: readonly string[];
	readonly namespaces: readonly string[];
	readonly gateway?: Gateway;
}

export interface Gateway {
	readonly name: string;
	readonly namespace: string;
	readonly hostname?: string;
}

/** The replicas that get most requests, or those that try another version. */
export type Track = "stable" | "canary";

/** The name of what a track has of its own. */
export function trackName(
	{ name }: Pick<Service, "name">,
	track: Track,
): string {
	return track === "stable" ? name : `${name}-canary`;
}

/** `digits@1,digits@2`: what people and scripts read. */
export function showModels(models: readonly ServedModel[]): string {
	return models
		.flatMap(({ name, versions }) => versions.map((one) => `${name}@${one}`))
		.join(",");
}
