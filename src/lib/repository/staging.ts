import { dirname, join } from "node:path";
import { fail } from "../errors.js";
import { type Disk, removeQuietly } from "../formats/disk.js";
import { isFolder, listFolder, statPath } from "../formats/file.js";
import { type HeldModel, hold, signed, splitOf } from "./change.js";
import type { HistoryEntry } from "./history.js";
import { passingName } from "./leftovers.js";
import { byVersion, MAX_VERSION, parseVersion } from "./number.js";
import { type ChangeOptions, changeRepository } from "./repository.js";
import { readState, writeState } from "./state.js";

/** A folder beside the versions of a model, in which a version is made; hidden, as readers must not see it. */
export interface Staging {
	/** The model's folder. */
	readonly dir: string;
	/** The version's folder until it has its number; whoever made the staging fills it. */
	readonly folder: string;
	/** Removes what is left of it. */
	remove(): void;
}

/** Makes the model's folder too where there is none. */
export function openStaging(disk: Disk, dir: string): Staging {
	const isNew = statPath(dir) === undefined;
	if (!isNew && !isFolder(dir))
		throw fail("INVALID", `cannot add a version to ${dir}: it is no folder`, {
			at: { path: dir },
		});
	disk.makeFolder(dir);
	const place = join(dir, passingName("adding"));
	const folder = join(place, "version");
	disk.makeFolder(place);
	return {
		dir,
		folder,
		remove: () => {
			removeQuietly(disk, place);
			// a model that got no version is none
			if (isNew && isFolder(dir) && listFolder(dir).length === 0)
				removeQuietly(disk, dir);
		},
	};
}

export interface PublishedVersion {
	readonly version: bigint;
	readonly dir: string;
	readonly entry: HistoryEntry;
	/** The versions that answered before go on to do so. */
	readonly pinned: boolean;
}

/** The number that a version gets: the one that is asked for, or that after the last one. Fails with INVALID where it is taken. */
export function freeVersion(
	dir: string,
	wanted: bigint | undefined,
	hint = "leave the number out for the next free one",
): bigint {
	const taken = isFolder(dir) ? versionsIn(dir) : [];
	const version = wanted ?? (taken.at(-1) ?? 0n) + 1n;
	if (version > MAX_VERSION)
		throw fail("INVALID", `cannot add a version after ${version - 1n}`);
	if (taken.includes(version))
		throw fail(
			"INVALID",
			`cannot add version ${version} of ${dir}: it exists`,
			{ hint, at: { path: dir } },
		);
	return version;
}

/** The numbers that are taken, ascending, whatever is behind them. */
export function versionsIn(dir: string): bigint[] {
	return listFolder(dir)
		.map(parseVersion)
		.filter((version) => version !== undefined)
		.sort(byVersion);
}

/**
 * Gives a staged version its number, in one step for whoever looks. Where nobody said who answers, the version that does
 * is written down first, so that an addition sends no request elsewhere.
 */
export function publishStaged(
	{ dir, folder }: Staging,
	wanted: bigint | undefined,
	digest: string,
	options: ChangeOptions,
): Promise<PublishedVersion> {
	return changeRepository(dir, options, (disk) => {
		const version = freeVersion(dir, wanted);
		const pinned = versionsIn(dir).length > 0 && pin(disk, dir, hold(dir));
		const target = join(dir, String(version));
		disk.rename(folder, target);
		disk.sync(dir);
		disk.sync(dirname(dir));
		const state = readState(dir);
		const entry = signed({ action: "add", version }, options);
		writeState(disk, dir, {
			...state,
			digests: new Map(state.digests).set(version, digest),
			history: [...state.history, entry],
		});
		return { version, dir: target, entry, pinned };
	});
}

function pin(disk: Disk, dir: string, { state, routing }: HeldModel): boolean {
	const { traffic, isImplicit } = routing;
	if (!isImplicit || traffic.size === 0) return false;
	writeState(disk, dir, { ...state, split: splitOf(traffic, undefined) });
	return true;
}
