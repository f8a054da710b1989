/** THE list of places where models are deployed to, each a subcommand of `mlship deploy`. */
export const PLACES = {
	docker: { summary: "make an image that serves models" },
	k8s: { summary: "run models on Kubernetes" },
} as const satisfies Record<string, Place>;

interface Place {
	readonly summary: string;
}

export type PlaceName = keyof typeof PLACES;
