import type { Traffic } from "./history.js";
import { trafficOf } from "./history.js";
import type { ModelEntry, VersionEntry } from "./list.js";
import type { Release } from "./release.js";

/** Who gets the requests that name no version, and whether somebody said so. */
export interface Routing {
	readonly traffic: Traffic;
	/** Nobody shared them out: the latest version answers. */
	readonly isImplicit: boolean;
}

/** The label that `promote` moves. */
export const STABLE = "stable";

/** `isReady` says which versions could answer. */
export function routingOf(
	{ versions }: Pick<ModelEntry, "versions">,
	{ split }: Release,
	isReady: (version: VersionEntry) => boolean,
): Routing {
	if (split !== undefined)
		return { traffic: trafficOf(split), isImplicit: false };
	const latest = versions.findLast(isReady);
	const traffic: Traffic =
		latest === undefined ? new Map() : new Map([[latest.version, 100]]);
	return { traffic, isImplicit: true };
}

/** The version that others are held against: what is labelled stable, else what gets most requests. */
export function currentVersion(
	{ traffic }: Routing,
	{ labels }: Release,
): bigint | undefined {
	const stable = labels.get(STABLE);
	if (stable !== undefined) return stable;
	const [most] = [...traffic].sort(([, a], [, b]) => b - a);
	return most?.[0];
}
