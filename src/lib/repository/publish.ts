import { basename, dirname, join, resolve } from "node:path";
import { asMlshipError, fail } from "../errors.js";
import { DISK, type Disk, removeQuietly } from "../formats/disk.js";
import { isFolder, statPath } from "../formats/file.js";
import { clearLeftovers } from "./leftovers.js";
import { withLock } from "./lock.js";
import { parseVersion } from "./number.js";
import { LOCK_FILE, WAIT_MS } from "./repository.js";
import { freeVersion, openStaging } from "./staging.js";

/** Where a new version goes. */
export interface Publication {
	/** The model's folder, absolute. */
	readonly dir: string;
	/** The next free number without. */
	readonly wanted: bigint | undefined;
	readonly replace: boolean;
}

/**
 * Where a new version goes: `models/digits` means the number after the last one, `models/digits/3` that one. Fails with
 * INVALID where the version exists, unless it may be replaced, or where the path is that of something else.
 */
export function planVersion(
	path: string,
	{ replace = false }: { readonly replace?: boolean | undefined } = {},
): Publication {
	const dir = resolve(path);
	const wanted = parseVersion(basename(dir));
	const model = wanted === undefined ? dir : dirname(dir);
	if (statPath(model) !== undefined && !isFolder(model))
		throw fail("INVALID", `cannot add a version to ${model}: it is no folder`, {
			at: { path: model },
		});
	const plan = { dir: model, wanted, replace };
	numberOf(plan);
	return plan;
}

function numberOf({ dir, wanted, replace }: Publication): bigint {
	return replace && wanted !== undefined
		? wanted
		: freeVersion(
				dir,
				wanted,
				"give the model's folder for the next free number, or --force to replace it",
			);
}

/** How a version comes to its place. */
export interface PublishOptions {
	/** What the processes are told that wait meanwhile. */
	readonly command: string;
	/** How long to wait for another process, in milliseconds. */
	readonly waitMs?: number;
	readonly disk?: Disk;
}

/**
 * Makes a version: `write` fills a hidden folder beside the others, which gets its number when it is whole, while no other
 * process changes the repository, so that whoever looks sees all of it or nothing. What was there before is gone.
 */
export async function publishVersion(
	plan: Publication,
	write: (folder: string) => void,
	{ command, waitMs = WAIT_MS, disk = DISK }: PublishOptions,
): Promise<{ readonly version: bigint; readonly dir: string }> {
	const { dir } = plan;
	try {
		const staging = openStaging(disk, dir);
		try {
			disk.makeFolder(staging.folder);
			write(staging.folder);
			const root = dirname(dir);
			const lock = join(root, LOCK_FILE);
			return await withLock(lock, { disk, command, waitMs }, () => {
				for (const folder of [root, dir]) clearLeftovers(disk, folder);
				const version = numberOf(plan);
				const target = join(dir, String(version));
				if (statPath(target) === undefined) disk.rename(staging.folder, target);
				else exchange(disk, staging.folder, target);
				disk.sync(dir);
				return { version, dir: target };
			});
		} finally {
			staging.remove();
		}
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** There is no one step for this: killed in between, the old one has a hidden name, and is not swept away. */
function exchange(disk: Disk, made: string, target: string): void {
	const old = join(
		dirname(target),
		`.${basename(target)}.replaced-${process.pid}`,
	);
	disk.rename(target, old);
	try {
		disk.rename(made, target);
	} catch (error) {
		putBack(disk, old, target);
		throw error;
	}
	removeQuietly(disk, old);
}

/** On a disk that changes nothing any more the user has to do it. */
function putBack(disk: Disk, old: string, target: string): void {
	try {
		disk.rename(old, target);
	} catch (cause) {
		const { code, message } = asMlshipError(cause);
		throw fail(code, `cannot put ${target} back: ${message}`, {
			hint: `what it was is in ${old}: rename that once the disk takes changes`,
			at: { path: target },
			cause,
		});
	}
}
