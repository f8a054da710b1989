import { byVersion, parseVersion } from "./number.js";
import { isObject, type Split } from "./release.js";

/** Percentages of the requests that name no version, by version. */
export type Traffic = ReadonlyMap<bigint, number>;

export const ACTIONS = [
	"add",
	"label",
	"promote",
	"rollback",
	"split",
	"remove",
] as const;

export type Action = (typeof ACTIONS)[number];

/** A change of a model, as `mlship.json` keeps it. */
export interface HistoryEntry {
	/** ISO 8601, in UTC. */
	readonly time: string;
	readonly who: string;
	readonly action: Action;
	/** What was added, labelled, promoted, gone back to, removed. */
	readonly version?: bigint;
	/** Of `label`. */
	readonly label?: string;
	/** Traffic before and after; of `label` the versions that it pointed to, left out where there was none. */
	readonly from?: Traffic | bigint;
	readonly to?: Traffic | bigint;
	readonly message?: string;
	/** A gate said no, and somebody insisted. */
	readonly forced?: string;
}

/** What of a list is an entry; others, which later programs may write, are left out. */
export function readHistory(value: unknown): HistoryEntry[] {
	return Array.isArray(value) ? value.flatMap(readEntry) : [];
}

function readEntry(value: unknown): HistoryEntry[] {
	if (!isObject(value)) return [];
	const action = ACTIONS.find((candidate) => candidate === value.action);
	if (action === undefined) return [];
	const { label, message, forced } = value;
	const version = numberOf(value.version);
	const [from, to] = [stateOf(value.from), stateOf(value.to)];
	return [
		{
			time: String(value.time ?? ""),
			who: String(value.who ?? ""),
			action,
			...(version !== undefined && { version }),
			...(typeof label === "string" && { label }),
			...(from !== undefined && { from }),
			...(to !== undefined && { to }),
			...(typeof message === "string" && { message }),
			...(typeof forced === "string" && { forced }),
		},
	];
}

function stateOf(value: unknown): Traffic | bigint | undefined {
	if (!isObject(value)) return numberOf(value);
	const shares = Object.entries(value).flatMap(([name, percent]) => {
		const version = parseVersion(name);
		return version !== undefined && typeof percent === "number"
			? [[version, percent] as const]
			: [];
	});
	return new Map(shares);
}

function numberOf(value: unknown): bigint | undefined {
	return typeof value === "number" || typeof value === "string"
		? parseVersion(String(value))
		: undefined;
}

/** An entry as plain JSON. */
export function historyJson(entry: HistoryEntry): Record<string, unknown> {
	const { version, from, to, ...rest } = entry;
	return {
		...rest,
		...(version !== undefined && { version: versionJson(version) }),
		...(from !== undefined && { from: stateJson(from) }),
		...(to !== undefined && { to: stateJson(to) }),
	};
}

function stateJson(state: Traffic | bigint): unknown {
	return typeof state === "bigint" ? versionJson(state) : trafficJson(state);
}

export function trafficJson(traffic: Traffic): Record<string, number> {
	return Object.fromEntries(
		[...traffic].map(([version, percent]) => [String(version), percent]),
	);
}

/** As a text beyond what a number of JSON holds. */
export function versionJson(version: bigint): number | string {
	const number = Number(version);
	return Number.isSafeInteger(number) ? number : String(version);
}

/** What weights mean, by version; percentages to two digits. */
export function trafficOf({ shares }: Split): Traffic {
	const total = shares.reduce((sum, { weight }) => sum + weight, 0);
	return new Map(
		[...shares]
			.sort((a, b) => byVersion(a.version, b.version))
			.map(({ version, weight }) => [
				version,
				Math.round((weight / total) * 10_000) / 100,
			]),
	);
}

/** The one version that had all traffic; undefined where several shared it. */
export function onlyVersion(
	state: Traffic | bigint | undefined,
): bigint | undefined {
	if (state === undefined || typeof state === "bigint") return undefined;
	const [version, ...others] = [...state.keys()];
	return others.length === 0 ? version : undefined;
}

/**
 * The versions that had all traffic, the latest last, those left out that a rollback gave up: where a second rollback goes
 * on from.
 */
export function fullTraffic(history: readonly HistoryEntry[]): bigint[] {
	const stack: bigint[] = [];
	for (const { action, from, to } of history) {
		if (stack.length === 0) put(stack, onlyVersion(from));
		const version = onlyVersion(to);
		if (version === undefined) continue;
		const at = action === "rollback" ? stack.lastIndexOf(version) : -1;
		if (at >= 0) stack.length = at + 1;
		else put(stack, version);
	}
	return stack;
}

function put(stack: bigint[], version: bigint | undefined): void {
	if (version !== undefined && stack.at(-1) !== version) stack.push(version);
}
