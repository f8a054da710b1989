import {
	closeSync,
	fstatSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	type Stats,
	statSync,
} from "node:fs";
import { asMlshipError, fail } from "../errors.js";

/** What is at a path; undefined if nothing is. */
export function statPath(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOTDIR" || code === "ENAMETOOLONG") return undefined;
		throw asMlshipError(error);
	}
}

export function isFile(path: string): boolean {
	return statPath(path)?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
	return statPath(path)?.isDirectory() ?? false;
}

/** The names in a folder, sorted. */
export function listFolder(path: string): string[] {
	try {
		return readdirSync(path).sort();
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** A whole file; fails with CORRUPT beyond `limit` bytes. */
export function readWhole(path: string, limit: number): Uint8Array {
	const size = statPath(path)?.size ?? 0;
	if (size > limit)
		throw fail(
			"CORRUPT",
			`cannot read ${path}: it has ${size} bytes, such a file has at most ${limit}`,
			{ at: { file: path } },
		);
	try {
		return plain(readFileSync(path));
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** A whole text in UTF-8; undefined where there is no such file. Fails as `readWhole`. */
export function readTextIfThere(
	path: string,
	limit: number,
): string | undefined {
	return statPath(path) === undefined
		? undefined
		: Buffer.from(readWhole(path, limit)).toString();
}

/** `length` bytes from `offset`, nothing else being read; fails with CORRUPT where the file is shorter. */
export function readRange(
	path: string,
	offset: number,
	length: number,
	reserve = (byteLength: number): ArrayBufferLike =>
		Buffer.allocUnsafeSlow(byteLength).buffer,
): Uint8Array {
	const file = open(path);
	try {
		const { size } = fstatSync(file);
		if (offset + length > size)
			throw fail(
				"CORRUPT",
				`cannot read ${path}: ${length} bytes at ${offset} were wanted, it has ${size}`,
				{ at: { file: path, offset } },
			);
		// from the start of a buffer, so that views of any element type are aligned
		const bytes = new Uint8Array(reserve(length), 0, length);
		for (let done = 0; done < length; ) {
			const count = readSync(file, bytes, done, length - done, offset + done);
			if (count === 0)
				throw fail("CORRUPT", `cannot read ${path}: it was cut meanwhile`);
			done += count;
		}
		return bytes;
	} catch (error) {
		throw asMlshipError(error);
	} finally {
		closeSync(file);
	}
}

/** Without Buffer's own methods, as its `slice` shares memory where that of a typed array copies. */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
	return new Uint8Array(buffer, byteOffset, length);
}

function open(path: string): number {
	try {
		return openSync(path, "r");
	} catch (error) {
		throw asMlshipError(error);
	}
}
