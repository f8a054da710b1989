import { fail } from "../errors.js";
import { readCard } from "./card.js";
import {
	fullTraffic,
	type HistoryEntry,
	onlyVersion,
	type Traffic,
} from "./history.js";
import { findVersion, type ModelEntry, type VersionEntry } from "./list.js";
import { byVersion } from "./number.js";
import { checkLabel, parseShare, type SharedReference } from "./reference.js";
import type { Share, Split } from "./release.js";
import {
	type ChangeOptions,
	changeRepository,
	modelNow,
} from "./repository.js";
import { type Routing, routingOf, STABLE } from "./routing.js";
import { type ReleaseState, readState, writeState } from "./state.js";

/** A model as it is while nobody else changes it. */
export interface HeldModel {
	readonly model: ModelEntry;
	readonly state: ReleaseState;
	readonly routing: Routing;
}

/** What came of a change. */
export interface Changed {
	readonly model: string;
	readonly before: Routing;
	readonly after: Routing;
	/** Undefined where all was so already. */
	readonly entry: HistoryEntry | undefined;
}

/** What a change makes of a state; the author and the time are added. */
export interface Edit {
	readonly labels?: ReadonlyMap<string, bigint>;
	readonly split?: Split;
	readonly entry: Omit<HistoryEntry, "time" | "who" | "message">;
}

/** Changes what `mlship.json` says, with who did it and why; a change to nothing else leaves the file alone. */
export function changeState(
	dir: string,
	options: ChangeOptions,
	edit: (held: HeldModel) => Edit | undefined,
): Promise<Changed> {
	return changeRepository(dir, options, (disk) => {
		const held = hold(dir);
		const { model, state, routing } = held;
		const made = edit(held);
		if (made === undefined)
			return {
				model: model.name,
				before: routing,
				after: routing,
				entry: undefined,
			};
		const entry = signed(made.entry, options);
		const { labels = state.labels, split = state.split } = made;
		const after: ReleaseState = {
			...state,
			labels,
			...(split !== undefined && { split }),
			history: [...state.history, entry],
		};
		writeState(disk, dir, after);
		return {
			model: model.name,
			before: routing,
			after: routingOf(model, after, isReady),
			entry,
		};
	});
}

/** A model with its state; fails with NOT_FOUND or INVALID. */
export function hold(dir: string): HeldModel {
	const model = modelNow(dir);
	const state = readState(dir);
	return { model, state, routing: routingOf(model, state, isReady) };
}

export function signed(
	entry: Edit["entry"],
	{ who, message, now = () => new Date() }: ChangeOptions,
): HistoryEntry {
	const time = now().toISOString();
	return { time, who, ...entry, ...(message !== undefined && { message }) };
}

/** As far as sizes and names tell. */
export function isReady({ dir }: VersionEntry): boolean {
	return readCard(dir).trouble === undefined;
}

/** Fails with NOT_READY for a version that is not whole. */
export function checkReady(
	model: string,
	{ version, dir }: VersionEntry,
): void {
	const { trouble } = readCard(dir);
	if (trouble !== undefined)
		throw fail(
			"NOT_READY",
			`cannot send requests to version ${version} of model "${model}": ${trouble}`,
			{ hint: `run mlship version verify ${model}@${version}` },
		);
}

/** Points a label at a version, or with none at nothing. Fails with NOT_FOUND where either is not there. */
export function labelVersion(
	dir: string,
	label: string,
	version: string | undefined,
	options: ChangeOptions,
): Promise<Changed> {
	return changeState(dir, options, ({ model, state }) => {
		const labels = new Map(state.labels);
		const from = labels.get(label);
		const before = from === undefined ? {} : { from };
		if (version === undefined) {
			if (!labels.delete(label)) throw noLabel(model, label, state);
			return { labels, entry: { action: "label", label, ...before } };
		}
		const to = findVersion(model, version);
		checkReady(model.name, to);
		if (from === to.version) return undefined;
		labels.set(checkLabel(label), to.version);
		const entry = { action: "label", label, version: to.version } as const;
		return { labels, entry: { ...entry, ...before, to: to.version } };
	});
}

function noLabel(model: ModelEntry, label: string, { labels }: ReleaseState) {
	return fail(
		"NOT_FOUND",
		`cannot find label "${label}" of model "${model.name}": it has ${labels.size === 0 ? "none" : [...labels.keys()].join(", ")}`,
		{ at: { model: model.name } },
	);
}

/** Gives a version all requests that name none, and the label `stable`; `check` may refuse. */
export function sendAll(
	dir: string,
	action: "promote" | "rollback",
	choose: (held: HeldModel) => VersionEntry,
	options: ChangeOptions & { readonly forced?: string | undefined },
): Promise<Changed> {
	return changeState(dir, options, (held) => {
		const { state, routing, model } = held;
		const target = choose(held);
		checkReady(model.name, target);
		const { version } = target;
		const isDone =
			!routing.isImplicit &&
			onlyVersion(routing.traffic) === version &&
			state.labels.get(STABLE) === version;
		if (isDone) return undefined;
		const to: Traffic = new Map([[version, 100]]);
		const { forced } = options;
		return {
			labels: new Map(state.labels).set(STABLE, version),
			split: splitOf(to, state.split?.header),
			entry: {
				action,
				version,
				from: routing.traffic,
				to,
				...(forced !== undefined && { forced }),
			},
		};
	});
}

export function splitOf(traffic: Traffic, header: string | undefined): Split {
	const shares = [...traffic].map(([version, weight]) => ({ version, weight }));
	return { shares, ...(header !== undefined && { header }) };
}

/**
 * The version that a rollback goes to: the last that had all traffic and is not what has it now. Fails with NOT_FOUND where
 * there was none, or where it is gone.
 */
export function rollbackTarget({
	model,
	state,
	routing,
}: HeldModel): VersionEntry {
	const now = onlyVersion(routing.traffic);
	const had = fullTraffic(state.history);
	const target = had.findLast((version) => version !== now);
	if (target === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot roll back model "${model.name}": no other version had all traffic`,
			{ hint: `run mlship version promote ${model.name}@VERSION` },
		);
	return findVersion(model, String(target));
}

/** How `version split` shares requests out. */
export interface SplitOptions extends ChangeOptions {
	/** The header whose values stay with a version; "" for none, the one before without. */
	readonly header?: string | undefined;
}

/** Shares the requests that name no version out. Fails with INVALID where percentages do not make 100. */
export function splitTraffic(
	dir: string,
	texts: readonly string[],
	options: SplitOptions,
): Promise<Changed> {
	return changeState(dir, options, ({ model, state, routing }) => {
		const shares = sharesOf(model, texts);
		for (const { version } of shares)
			checkReady(model.name, findVersion(model, String(version)));
		const header = options.header ?? state.split?.header;
		const split: Split = {
			shares,
			...(header !== undefined && header !== "" && { header }),
		};
		const to: Traffic = new Map(
			shares.map(({ version, weight }) => [version, weight]),
		);
		if (isSameSplit(split, state.split)) return undefined;
		return { split, entry: { action: "split", from: routing.traffic, to } };
	});
}

function isSameSplit(a: Split, b: Split | undefined): boolean {
	const shown = (split: Split | undefined) =>
		split?.shares
			.map(({ version, weight }) => `${version}@${weight}`)
			.sort()
			.join();
	return shown(a) === shown(b) && a.header === b?.header;
}

/** Shares that leave their percentage out divide what is left over. */
export function sharesOf(model: ModelEntry, texts: readonly string[]): Share[] {
	const read = texts.map((text) => parseShare(text, model.name));
	const versions = read.map((share) => versionOf(model, share));
	const twice = versions.find((version, i) => versions.indexOf(version) < i);
	if (twice !== undefined)
		throw fail("INVALID", `cannot split: version ${twice} is there twice`);
	const given = read.reduce((sum, { percent = 0 }) => sum + percent, 0);
	const open = read.filter(({ percent }) => percent === undefined).length;
	const left = Math.round((100 - given) * 1e6) / 1e6;
	if (open === 0 ? left !== 0 : left <= 0)
		throw fail(
			"INVALID",
			`cannot split: the percentages make ${Math.round(given * 1e6) / 1e6}${open === 0 ? ", 100 is wanted" : `, nothing is left for the ${open} without one`}`,
			{
				hint: "leave the percentage of one out, and it gets what is left over",
			},
		);
	const parts = dividedBy(left, open);
	return read
		.map(({ percent }, i) => ({
			version: versions[i],
			weight: percent ?? parts.pop() ?? 0,
		}))
		.sort((a, b) => byVersion(a.version, b.version));
}

function versionOf(
	model: ModelEntry,
	{ name = model.name, version }: SharedReference,
): bigint {
	if (name !== model.name)
		throw fail(
			"INVALID",
			`cannot split between models: "${name}" is not "${model.name}"`,
		);
	return findVersion(model, version).version;
}

/** Parts of two digits that make the whole exactly; the first one taken is the largest. */
function dividedBy(whole: number, count: number): number[] {
	if (count === 0) return [];
	const part = Math.floor((whole / count) * 100) / 100;
	const last = Math.round((whole - part * (count - 1)) * 1e6) / 1e6;
	return [...Array.from({ length: count - 1 }, () => part), last];
}
