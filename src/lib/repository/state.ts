import { join } from "node:path";
import { type Disk, replaceFile } from "../formats/disk.js";
import { readTextIfThere } from "../formats/file.js";
import {
	type HistoryEntry,
	historyJson,
	readHistory,
	versionJson,
} from "./history.js";
import { parseVersion } from "./number.js";
import {
	isObject,
	MAX_RELEASE_BYTES,
	parsed,
	RELEASE_FILE,
	type Release,
	releaseOf,
	wrongIn,
} from "./release.js";

/** All of `mlship.json`. */
export interface ReleaseState extends Release {
	/** The latest last. */
	readonly history: readonly HistoryEntry[];
	/** The SHA-256 of the manifests of versions, in hexadecimal digits. */
	readonly digests: ReadonlyMap<bigint, string>;
	/** What others put into the file, which stays there. */
	readonly rest: Readonly<Record<string, unknown>>;
}

/** The state of a model; of one without the file an empty one. Fails with INVALID for what cannot be meant. */
export function readState(modelDir: string): ReleaseState {
	const path = join(modelDir, RELEASE_FILE);
	const text = readTextIfThere(path, MAX_RELEASE_BYTES) ?? "{}";
	const wrong = wrongIn(path);
	const value = parsed(text, wrong);
	const { labels, split, splitBy, history, digests, ...rest } = value;
	if (history !== undefined && !Array.isArray(history))
		throw wrong('"history" is no list');
	return {
		...releaseOf({ labels, split, splitBy }, wrong),
		history: readHistory(history),
		digests: digestsOf(digests),
		rest,
	};
}

/** What `mlship.json` remembers of manifests, whatever else it says. */
export function readDigests(modelDir: string): ReadonlyMap<bigint, string> {
	const path = join(modelDir, RELEASE_FILE);
	const text = readTextIfThere(path, MAX_RELEASE_BYTES);
	return text === undefined
		? new Map()
		: digestsOf(parsed(text, wrongIn(path)).digests);
}

function digestsOf(value: unknown): ReadonlyMap<bigint, string> {
	const entries = isObject(value) ? Object.entries(value) : [];
	return new Map(
		entries.flatMap(([name, digest]) => {
			const version = parseVersion(name);
			return version !== undefined && typeof digest === "string"
				? [[version, digest] as const]
				: [];
		}),
	);
}

/** Years of several changes a day; the oldest go. */
const MAX_HISTORY = 10_000;

export function writeState(
	disk: Disk,
	modelDir: string,
	state: ReleaseState,
): void {
	const text = `${JSON.stringify(stateJson(state), null, "\t")}\n`;
	replaceFile(disk, join(modelDir, RELEASE_FILE), text);
}

function stateJson({
	labels,
	split,
	history,
	digests,
	rest,
}: ReleaseState): Record<string, unknown> {
	return {
		labels: Object.fromEntries(
			[...labels].map(([label, version]) => [label, versionJson(version)]),
		),
		...(split !== undefined && {
			split: Object.fromEntries(
				split.shares.map(({ version, weight }) => [String(version), weight]),
			),
			...(split.header !== undefined && { splitBy: `header ${split.header}` }),
		}),
		...(digests.size > 0 && {
			digests: Object.fromEntries(
				[...digests].map(([version, digest]) => [String(version), digest]),
			),
		}),
		history: history.slice(-MAX_HISTORY).map(historyJson),
		...rest,
	};
}
