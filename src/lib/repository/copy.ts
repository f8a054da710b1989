import { type Dirent, readdirSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { asMlshipError, fail } from "../errors.js";
import type { Disk } from "../formats/disk.js";
import { statPath } from "../formats/file.js";

export interface CopyOptions {
	/** Give files a second name instead of copying them, where the file system can. */
	readonly link?: boolean | undefined;
}

/**
 * Copies a folder with all that is in it; links in it become what they point to. Fails with INVALID where one leads out
 * of the folder, or where something is neither file nor folder.
 */
export function copyFolder(
	disk: Disk,
	from: string,
	to: string,
	options: CopyOptions = {},
): void {
	try {
		const root = realpathSync(from);
		copyInto(disk, { root, from: root, to, depth: 0 }, options);
	} catch (error) {
		throw asMlshipError(error);
	}
}

interface Step {
	readonly root: string;
	readonly from: string;
	readonly to: string;
	readonly depth: number;
}

function copyInto(disk: Disk, step: Step, options: CopyOptions): void {
	const { root, from, to, depth } = step;
	// links inside a folder may go round in circles
	if (depth > MAX_DEPTH)
		throw fail(
			"INVALID",
			`cannot copy ${from}: its folders are nested more than ${MAX_DEPTH} deep`,
		);
	disk.makeFolder(to);
	for (const entry of readdirSync(from, { withFileTypes: true })) {
		const place = { root, from: join(from, entry.name) };
		const source = sourceOf(entry, place);
		const target = join(to, entry.name);
		const stats = statPath(source);
		if (stats?.isDirectory())
			copyInto(
				disk,
				{ root, from: source, to: target, depth: depth + 1 },
				options,
			);
		else if (stats?.isFile()) copyFile(disk, source, target, options);
		else
			throw fail(
				"INVALID",
				`cannot copy ${place.from}: it is neither a file nor a folder`,
				{ at: { path: place.from } },
			);
	}
	disk.sync(to);
}

const MAX_DEPTH = 32;

/** Where a name's bytes are. */
function sourceOf(
	entry: Dirent,
	{ root, from }: Pick<Step, "root" | "from">,
): string {
	if (!entry.isSymbolicLink()) return from;
	const target = realpathSync(from);
	const inside = relative(root, target);
	if (inside === ".." || inside.startsWith(`..${sep}`) || inside === target)
		throw fail(
			"INVALID",
			`cannot copy ${from}: it is a link out of the folder, to ${target}`,
			{
				hint: "copy the folder with what its links point to first: cp -rL",
				at: { path: from },
			},
		);
	return target;
}

export function copyFile(
	disk: Disk,
	from: string,
	to: string,
	{ link = false }: CopyOptions = {},
): void {
	if (!link || !linked(disk, from, to)) disk.copy(from, to);
}

/** Whether it could be: not so on another file system. */
function linked(disk: Disk, from: string, to: string): boolean {
	try {
		disk.link(from, to);
		return true;
	} catch (error) {
		const { code = "" } = error as NodeJS.ErrnoException;
		if (["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(code)) return false;
		throw error;
	}
}
