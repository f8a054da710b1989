import { fail, type MlshipError } from "../../errors.js";
import type { Cluster } from "./kubectl.js";
import { MANAGER } from "./labels.js";
import { type LiveObject, listLive } from "./live.js";
import { type KubeObject, nameOf } from "./object.js";
import { failureOf, warningsIn } from "./refusals.js";
import { streamOf } from "./yaml.js";

export interface ApplyOptions {
	/** Take over fields that others changed. */
	readonly force?: boolean | undefined;
}

const SERVER_SIDE = ["--server-side", `--field-manager=${MANAGER}`];

/** What comes first, so that what needs it finds it; a group is one call. */
const GROUPS: readonly (readonly string[])[] = [
	["Namespace"],
	[
		"ServiceAccount",
		"ConfigMap",
		"NetworkPolicy",
		"PodDisruptionBudget",
		"Service",
	],
	["Deployment", "HorizontalPodAutoscaler"],
	["HTTPRoute"],
];

/**
 * Applies objects and returns their names. Fails with the server's reason at the first group of which one is refused, and
 * says what is there by then.
 */
export async function applyObjects(
	cluster: Cluster,
	objects: readonly KubeObject[],
	{ force }: ApplyOptions = {},
): Promise<string[]> {
	const applied: string[] = [];
	for (const kinds of GROUPS) {
		const group = objects.filter(({ kind }) => kinds.includes(kind));
		if (group.length === 0) continue;
		const { exitCode, stdout, stderr } = await cluster.attempt(
			applyArgs(force),
			{ input: streamOf(group) },
		);
		applied.push(...appliedIn(stdout));
		if (exitCode !== 0) throw halfApplied(stderr, cluster, applied, objects);
	}
	return applied;
}

function applyArgs(force = false): string[] {
	return [
		"apply",
		...SERVER_SIDE,
		"--validate=strict",
		...(force ? ["--force-conflicts"] : []),
		"--filename=-",
	];
}

/**
 * Has the server check objects as if they were applied; returns what it warns of. A namespace that is not there yet is made
 * by nobody: what would be in it is checked in `default`.
 */
export async function checkObjects(
	cluster: Cluster,
	objects: readonly KubeObject[],
	{ force, hasNamespace }: ApplyOptions & { readonly hasNamespace: boolean },
): Promise<string[]> {
	const placed = hasNamespace
		? objects
		: objects.map((object) =>
				object.metadata.namespace === undefined
					? object
					: {
							...object,
							metadata: { ...object.metadata, namespace: "default" },
						},
			);
	const { exitCode, stderr } = await cluster.attempt(
		[...applyArgs(force), "--dry-run=server"],
		{ input: streamOf(placed) },
	);
	if (exitCode !== 0)
		throw failureOf(
			stderr,
			"apply the manifests (nothing was)",
			cluster.context,
		);
	return warningsIn(stderr);
}

/** What would change, as kubectl shows it; empty where nothing would. */
export async function diffObjects(
	cluster: Cluster,
	objects: readonly KubeObject[],
	{ force }: ApplyOptions = {},
): Promise<string> {
	const { exitCode, stdout, stderr } = await cluster.attempt(
		[
			"diff",
			...SERVER_SIDE,
			...(force ? ["--force-conflicts"] : []),
			"--filename=-",
		],
		{ input: streamOf(objects) },
	);
	// 0 for none, 1 for some, more for an error
	if (exitCode > 1 || (exitCode === 1 && stdout === ""))
		throw failureOf(stderr, "compare the manifests", cluster.context);
	return stdout;
}

/** Deletes objects by `kind/name`; those that are gone already are none. */
export async function deleteObjects(
	cluster: Cluster,
	namespace: string,
	names: readonly string[],
): Promise<void> {
	if (names.length === 0) return;
	await cluster.run(
		[
			...["delete", `--namespace=${namespace}`, "--ignore-not-found"],
			...["--wait=false", ...names],
		],
		{ verb: `delete ${names.join(", ")}` },
	);
}

/** Objects with our labels that are none of these any more. */
export async function leftovers(
	cluster: Cluster,
	{
		namespace,
		selector,
		kinds,
	}: {
		readonly namespace: string;
		readonly selector: string;
		readonly kinds: readonly string[];
	},
	kept: ReadonlySet<string>,
): Promise<string[]> {
	const found = await listLive<LiveObject>(cluster, kinds, [
		`--namespace=${namespace}`,
		`--selector=${selector}`,
	]);
	return found
		.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`)
		.filter((name) => !kept.has(name));
}

/** `deployment.apps/digits serverside-applied` in what kubectl prints. */
function appliedIn(stdout: string): string[] {
	return [...stdout.matchAll(/^(\S+\/\S+) serverside-applied/gm)].map(
		([, name]) => name.replace(/^([^./]+)\.[^/]*\//, "$1/"),
	);
}

function halfApplied(
	stderr: string,
	cluster: Cluster,
	applied: readonly string[],
	objects: readonly KubeObject[],
): MlshipError {
	const cause = failureOf(stderr, "apply all manifests", cluster.context);
	const rest = objects.map(nameOf).filter((name) => !applied.includes(name));
	const done =
		applied.length === 0
			? "nothing was applied"
			: `applied: ${applied.join(", ")}; not applied: ${rest.join(", ")}`;
	return fail(cause.code, `${cause.message}; ${done}`, {
		cause,
		...(cause.hint !== undefined && { hint: cause.hint }),
		...(cause.at !== undefined && { at: cause.at }),
	});
}
