/** What kubectl is given: plain data that becomes YAML. */
export interface KubeObject {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: Metadata;
	readonly [field: string]: unknown;
}

export interface Metadata {
	readonly name: string;
	readonly namespace?: string;
	readonly labels?: Labels;
	readonly annotations?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** `deployment/digits`, as kubectl would say it. */
export function nameOf({ kind, metadata }: KubeObject): string {
	return `${kind.toLowerCase()}/${metadata.name}`;
}
