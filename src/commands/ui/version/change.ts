import type { Changed } from "../../../lib/repository/change.js";
import {
	type HistoryEntry,
	historyJson,
	type Traffic,
	trafficJson,
} from "../../../lib/repository/history.js";
import type { Routing } from "../../../lib/repository/routing.js";
import type { Style } from "../style.js";

/** `90 % version 1, 10 % version 2`. */
export function showTraffic(traffic: Traffic): string {
	const shares = [...traffic].map(([version, percent]) =>
		percent === 100
			? `all requests to version ${version}`
			: `${percent} % to version ${version}`,
	);
	return shares.join(", ") || "no version answers";
}

/** What a change of traffic did, or would. */
export function showChanged(
	{ model, before, after, entry }: Changed,
	done: string,
	style: Style,
): string {
	if (entry === undefined)
		return `${style.title(model)}: ${showTraffic(after.traffic)}, as it was\n`;
	return [
		`${style.title(model)}: ${done}`,
		`  before  ${showRouting(before)}`,
		`  now     ${showRouting(after)}`,
		"",
	].join("\n");
}

export function showRouting({ traffic, isImplicit }: Routing): string {
	return `${showTraffic(traffic)}${isImplicit ? ", the latest" : ""}`;
}

export function changedJson(
	{ model, before, after, entry }: Changed,
	rest: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
	return {
		model,
		changed: entry !== undefined,
		before: trafficJson(before.traffic),
		after: trafficJson(after.traffic),
		...rest,
		...(entry !== undefined && { entry: historyJson(entry) }),
	};
}

/** What an entry of the history says, in words. */
export function showEntry(entry: HistoryEntry): string {
	const { action, version, label, from, to } = entry;
	if (action === "label")
		return to === undefined
			? `took label ${label} from version ${from}`
			: `labelled version ${version} ${label}${from === undefined ? "" : `, before version ${from}`}`;
	if (action === "split" && to instanceof Map)
		return `shared out: ${showTraffic(to)}`;
	return `${DONE[action]} version ${version}`;
}

const DONE: Readonly<Record<HistoryEntry["action"], string>> = {
	add: "added",
	label: "labelled",
	promote: "promoted",
	rollback: "rolled back to",
	split: "shared out",
	remove: "removed",
};
