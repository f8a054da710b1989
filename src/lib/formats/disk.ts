import {
	closeSync,
	constants,
	copyFileSync,
	existsSync,
	fsyncSync,
	linkSync,
	mkdirSync,
	openSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { asMlshipError } from "../errors.js";

/** What changes files, each so that it survives a loss of power; tests give one that fails or ends the process. */
export interface Disk {
	/** Makes a folder, and those that it lies in. */
	makeFolder(path: string): void;
	/** Writes a new file; fails where there is one. */
	write(path: string, content: string | Uint8Array): void;
	copy(from: string, to: string): void;
	/** Another name of a file; fails across file systems. */
	link(from: string, to: string): void;
	rename(from: string, to: string): void;
	/** With all that is in it; a link alone. */
	remove(path: string): void;
	/** What was written into a file, or renamed or made in a folder, is there for good. */
	sync(path: string): void;
}

export const DISK: Disk = {
	makeFolder: (path) => void makeFolder(path),
	write: (path, content) => {
		const file = openSync(path, "wx");
		try {
			writeFileSync(file, content);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
	},
	copy: (from, to) => {
		try {
			copyFileSync(
				from,
				to,
				constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
			);
			syncFile(to);
		} catch (error) {
			const { code = "" } = error as NodeJS.ErrnoException;
			// Node names the file that was read
			throw OF_TARGET.includes(code)
				? Object.assign(error as Error, { path: to })
				: error;
		}
	},
	link: linkSync,
	rename: renameSync,
	remove: (path) => rmSync(path, { recursive: true, force: true }),
	sync: (path) => {
		// other systems than POSIX open no folders
		if (process.platform !== "win32") syncFile(path);
	},
};

/**
 * Makes a folder and those that it lies in; the uppermost that had to be made, `undefined` if all were there. One after the
 * other: Node.js' own recursion never ends in file systems that make none, as /proc.
 */
export function makeFolder(path: string): string | undefined {
	const missing: string[] = [];
	for (let at = resolve(path); !existsSync(at); at = dirname(at))
		missing.push(at);
	const uppermost = missing.at(-1);
	for (const folder of missing.reverse())
		if (!existsSync(folder)) mkdirSync(folder);
	return uppermost;
}

const OF_TARGET = ["ENOSPC", "EDQUOT", "EROFS", "EFBIG", "EEXIST"];

function syncFile(path: string): void {
	const file = openSync(path, "r");
	try {
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
}

/**
 * Writes a file beside its place and renames it, so that whoever reads sees all of it or what was there before. One
 * process at a time may do so for a path.
 */
export function replaceFile(disk: Disk, path: string, content: string): void {
	const made = join(dirname(path), `.${basename(path)}.replacing`);
	try {
		disk.remove(made);
		disk.write(made, content);
		disk.rename(made, path);
		disk.sync(dirname(path));
	} catch (error) {
		removeQuietly(disk, made);
		throw asMlshipError(error);
	}
}

/** For what is left over where something else went wrong, which is the news. */
export function removeQuietly(disk: Disk, path: string): boolean {
	try {
		disk.remove(path);
		return true;
	} catch {
		return false;
	}
}
