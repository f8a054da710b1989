import { fail } from "../errors.js";
import { parseVersion, type VersionEntry } from "../repository/list.js";

/** Which versions of a model to serve (TensorFlow Serving's ServableVersionPolicy). */
export type VersionPolicy =
	| { readonly latest: number }
	| { readonly specific: readonly bigint[] }
	| "all";

/** Reads `2` (the latest two), `all`, or `1,3` (just these); fails with INVALID. */
export function parseVersionPolicy(text: string): VersionPolicy {
	if (text === "all") return "all";
	const versions = text
		.split(",")
		.filter((part) => part !== "")
		.map(parseVersion);
	if (versions.length === 0 || versions.includes(undefined))
		throw fail(
			"INVALID",
			`cannot read versions "${text}": a number for as many of the latest, a list as 1,3 for just these, or all is wanted`,
		);
	if (text.includes(",")) return { specific: versions as bigint[] };
	if (versions[0] === 0n)
		throw fail(
			"INVALID",
			"cannot serve the latest 0 versions: at least 1 is wanted",
		);
	return { latest: Number(versions[0]) };
}

/** How many versions a policy asks for. */
export function countOf(policy: VersionPolicy): number {
	return policy !== "all" && "latest" in policy
		? policy.latest
		: Number.POSITIVE_INFINITY;
}

/** The versions that a policy may take of those that are there, the latest first: the first `countOf` that answer. */
export function candidatesOf(
	versions: readonly VersionEntry[],
	policy: VersionPolicy,
): VersionEntry[] {
	return versions
		.filter(({ version }) => mayServe(version, policy))
		.sort((a, b) => (a.version < b.version ? 1 : -1));
}

function mayServe(version: bigint, policy: VersionPolicy): boolean {
	return (
		policy === "all" || "latest" in policy || policy.specific.includes(version)
	);
}
