import { readCard, type VersionCard } from "./card.js";
import type { HistoryEntry } from "./history.js";
import type { ModelEntry } from "./list.js";
import { routingOf } from "./routing.js";
import { readState } from "./state.js";

/** A model as `mlship version list` shows it. */
export interface ModelListing {
	readonly name: string;
	readonly dir: string;
	/** Nobody shared requests out: the latest version that is ready answers. */
	readonly isImplicit: boolean;
	/** The header by which requests stay with a version. */
	readonly header: string | undefined;
	readonly versions: readonly VersionListing[];
	/** Labels and shares that point to versions that are not there. */
	readonly lost: readonly string[];
}

export interface VersionListing extends VersionCard {
	readonly version: bigint;
	readonly dir: string;
	readonly labels: readonly string[];
	/** Percent of the requests that name no version. */
	readonly traffic: number;
	/** When it came: as the history knows, else when its model was written. */
	readonly since: Date | undefined;
}

/** Neither graphs nor weights are read. Fails with INVALID for a `mlship.json` that cannot be meant. */
export function listModel(model: ModelEntry): ModelListing {
	const { name, dir, versions } = model;
	const state = readState(dir);
	const cards = new Map(
		versions.map((entry) => [entry.version, readCard(entry.dir)]),
	);
	const { traffic, isImplicit } = routingOf(
		model,
		state,
		({ version }) => cards.get(version)?.trouble === undefined,
	);
	const added = addedAt(state.history);
	const labelsOf = (version: bigint) =>
		[...state.labels]
			.filter(([, pointed]) => pointed === version)
			.map(([label]) => label)
			.sort();
	const lost = [
		...[...state.labels].map(
			([label, version]) => [`label ${label}`, version] as const,
		),
		...[...traffic].map(
			([version, percent]) =>
				[`${percent} % of the requests`, version] as const,
		),
	].filter(([, version]) => !cards.has(version));
	return {
		name,
		dir,
		isImplicit,
		header: state.split?.header,
		versions: versions.map((entry) => {
			const card = cards.get(entry.version) ?? readCard(entry.dir);
			return {
				...card,
				...entry,
				labels: labelsOf(entry.version),
				traffic: traffic.get(entry.version) ?? 0,
				since: added.get(entry.version) ?? card.modified,
			};
		}),
		lost: lost.map(([what, version]) => `${what}: version ${version}`),
	};
}

function addedAt(history: readonly HistoryEntry[]): ReadonlyMap<bigint, Date> {
	return new Map(
		history.flatMap(({ action, version, time }) => {
			const date = new Date(time);
			return action === "add" &&
				version !== undefined &&
				!Number.isNaN(date.getTime())
				? [[version, date] as const]
				: [];
		}),
	);
}
