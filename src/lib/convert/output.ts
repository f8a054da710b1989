import { randomUUID } from "node:crypto";
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { makeFolder } from "../formats/disk.js";
import { isFolder, statPath } from "../formats/file.js";
import type { Target } from "./target.js";

/** Where files of a model are written. */
export interface OutputFolder {
	/** Writes a file from its parts, one after the other: they need not be in memory together. */
	write(name: string, parts: Iterable<Uint8Array>): void;
}

export interface WrittenFile {
	readonly name: string;
	readonly byteLength: number;
}

/** Where a model is to be: a folder, and what its main file is called there. */
export interface Place {
	readonly folder: string;
	readonly main: string;
	/** Whether the folder is the model's own. */
	readonly isOwn: boolean;
	/** Names of files that belong to a model which was there before. */
	readonly leftovers?: RegExp | undefined;
}

/** `x.onnx` means a file beside others, any other path a folder for the model alone. */
export function placeOf(
	path: string,
	{
		main,
		extension,
		leftovers,
	}: Pick<Target, "main" | "extension" | "leftovers">,
): Place {
	if (extension !== undefined && path.endsWith(extension) && !isFolder(path))
		return { folder: dirname(path), main: basename(path), isOwn: false };
	return { folder: path, main, isOwn: true, leftovers };
}

/**
 * Looks whether a model may be written, before anything is done for it. Fails with INVALID where files are in the way, unless
 * they may be replaced, and where a part of the path is a file; `own` is a folder in it that does not count.
 */
export function checkPlace(
	{ folder, main, isOwn }: Place,
	force: boolean,
	own = "",
): void {
	const shown = isOwn ? folder : join(folder, main);
	const wrong = (found: string, hint?: string) =>
		fail("INVALID", `cannot write ${shown}: ${found}`, {
			at: { file: shown },
			...(hint === undefined ? {} : { hint }),
		});
	const stat = statPath(folder);
	if (stat !== undefined && !stat.isDirectory())
		throw wrong(`${folder} is a file, a folder is wanted`);
	if (stat === undefined || force) return;
	const hint = "give --force to replace it, or another --out";
	const isTaken = isOwn
		? namesIn(folder).some((name) => name !== own)
		: existsSync(join(folder, main));
	if (isTaken)
		throw wrong(isOwn ? "the folder is not empty" : "it exists", hint);
}

function namesIn(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		throw asMlshipError(error);
	}
}

export interface WriteRules {
	/** Whether files that are there may be replaced. */
	readonly force?: boolean;
	/** Once it aborts nothing comes to its place any more. */
	readonly signal?: AbortSignal;
}

/**
 * Writes a model by means of `write` into a folder of its own beside its place, asks `check` whether it is to stay, and moves it
 * there: a reader sees all of it or none, and nothing is left behind otherwise. Returns the files that are there then.
 */
export async function writeTo(
	place: Place,
	{ force = false, signal }: WriteRules,
	write: (folder: OutputFolder) => void | Promise<void>,
	check: (folder: string) => Promise<boolean>,
): Promise<readonly WrittenFile[]> {
	const isNew = !existsSync(place.folder);
	// on the same disk as the place
	const above = place.isOwn && isNew ? dirname(place.folder) : place.folder;
	const made = folderAt(above);
	const temporary = temporaryFolder(above);
	const clean = () => {
		rmSync(temporary, { recursive: true, force: true });
		if (made !== undefined && isEmpty(above))
			rmSync(made, { recursive: true, force: true });
	};
	process.once("exit", clean);
	try {
		const folder = new Folder(temporary);
		await write(folder);
		if (!(await check(temporary))) return [];
		if (signal?.aborted)
			throw fail("NOT_READY", "cannot end the conversion: it was interrupted");
		// another conversion may have written there meanwhile
		checkPlace(place, force, basename(temporary));
		if (place.isOwn && !existsSync(place.folder))
			renameSync(temporary, place.folder);
		else moveInto(place, temporary, folder.files);
		return folder.files;
	} catch (error) {
		throw asMlshipError(error);
	} finally {
		process.off("exit", clean);
		clean();
	}
}

function folderAt(path: string): string | undefined {
	try {
		return makeFolder(path);
	} catch (error) {
		throw unwritable(path, error);
	}
}

/** What the system says of a place, as a sentence that names it. */
function unwritable(path: string, cause: unknown): MlshipError {
	const { code, message } = asMlshipError(cause);
	return fail(
		code === "BUG" || code === "NOT_FOUND" ? "INVALID" : code,
		`cannot write ${path}: ${message}`,
		{ at: { file: path }, cause },
	);
}

/** With the permissions that its place is to have. */
function temporaryFolder(above: string): string {
	const path = join(
		above,
		`.mlship-${process.pid}-${randomUUID().slice(0, 8)}`,
	);
	try {
		sweep(above);
		mkdirSync(path);
		return path;
	} catch (error) {
		throw unwritable(above, error);
	}
}

/** Of a folder that a conversion on another machine may still fill. */
const LEFT_MS = 3_600_000;

/** Takes away what conversions left that were killed: their processes are gone, and nothing happened for an hour. */
function sweep(above: string): void {
	for (const name of readdirSync(above)) {
		const pid = Number(/^\.mlship-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1]);
		if (!(pid > 0) || isAlive(pid)) continue;
		const changed = statPath(join(above, name))?.mtimeMs ?? Date.now();
		if (Date.now() - changed > LEFT_MS)
			rmSync(join(above, name), { recursive: true, force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== "ESRCH";
	}
}

function isEmpty(folder: string): boolean {
	return isFolder(folder) && readdirSync(folder).length === 0;
}

/** A folder that is there. */
export function diskFolder(path: string): OutputFolder {
	return new Folder(path);
}

/** Keeps account of what is written. Has a lifetime: one conversion. */
class Folder implements OutputFolder {
	readonly files: WrittenFile[] = [];
	readonly #path: string;

	constructor(path: string) {
		this.#path = path;
	}

	write(name: string, parts: Iterable<Uint8Array>): void {
		const file = openSync(join(this.#path, name), "wx");
		let byteLength = 0;
		try {
			for (const part of parts) {
				writeAll(file, part);
				byteLength += part.byteLength;
			}
		} finally {
			closeSync(file);
		}
		this.files.push({ name, byteLength });
	}
}

/** The system writes no more than 2 GB at once. */
function writeAll(file: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.byteLength; )
		done += writeSync(file, bytes, done, bytes.byteLength - done);
}

/** The main file comes last, as it names the others. */
function moveInto(
	{ folder, main, leftovers }: Place,
	temporary: string,
	files: readonly WrittenFile[],
): void {
	const names = files.map(({ name }) => name).filter((name) => name !== main);
	for (const name of [...names, main])
		renameSync(join(temporary, name), join(folder, name));
	const old = namesIn(folder).filter((name) => leftovers?.test(name));
	for (const name of old)
		if (!names.includes(name)) rmSync(join(folder, name), { force: true });
}
