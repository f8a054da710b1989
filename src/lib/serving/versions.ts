import { fail } from "../errors.js";
import {
	type ModelEntry,
	parseVersion,
	type VersionEntry,
	withVersion,
} from "../repository/list.js";
import { isComplete } from "../repository/ready.js";
import type { Host, VersionStatus } from "./host.js";

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

/**
 * Loads the versions of a model that a policy asks for. Where the latest N are wanted, a version that is not complete or
 * does not load is reported, and an older one takes its place. Resolves to the statuses, the latest version first. Fails
 * with NOT_FOUND where a version is asked for that is not there.
 */
export async function loadVersions(
	host: Host,
	model: ModelEntry,
	policy: VersionPolicy,
): Promise<VersionStatus[]> {
	const statuses: VersionStatus[] = [];
	let missing = countOf(policy);
	for (const entry of candidates(model, policy)) {
		if (missing === 0) break;
		const status = await loadVersion(host, model.name, entry);
		statuses.push(status);
		if (status.state === "AVAILABLE") missing--;
	}
	return statuses;
}

function countOf(policy: VersionPolicy): number {
	return policy !== "all" && "latest" in policy
		? policy.latest
		: Number.POSITIVE_INFINITY;
}

function candidates(model: ModelEntry, policy: VersionPolicy): VersionEntry[] {
	const chosen =
		policy !== "all" && "specific" in policy
			? policy.specific.flatMap(
					(version) => withVersion(model, String(version)).versions,
				)
			: model.versions;
	return [...new Set(chosen)].sort((a, b) => (a.version < b.version ? 1 : -1));
}

async function loadVersion(
	host: Host,
	name: string,
	entry: VersionEntry,
): Promise<VersionStatus> {
	const completeness = isComplete(entry.dir);
	if (completeness.complete) return host.addVersion(name, entry);
	const error = fail(
		"NOT_READY",
		`the version is not complete: ${completeness.reason}`,
	);
	return host.refuseVersion(name, entry, error);
}
