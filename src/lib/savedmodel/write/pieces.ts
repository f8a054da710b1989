import { closeSync, openSync, writeSync } from "node:fs";
import { asMlshipError } from "../../errors.js";
import type { Piece } from "../../formats/wire-pieces.js";

/** Writes pieces to a new file, one at a time in memory. */
export function writePieces(path: string, pieces: Iterable<Piece>): void {
	try {
		const file = openSync(path, "wx");
		try {
			for (const piece of pieces)
				writeAll(file, piece instanceof Uint8Array ? piece : piece.read());
		} finally {
			closeSync(file);
		}
	} catch (error) {
		throw asMlshipError(error);
	}
}

/** A single write takes at most 2 GB, and may take less. */
export function writeAll(file: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.length; )
		done += writeSync(
			file,
			bytes,
			done,
			Math.min(bytes.length - done, MOST_AT_ONCE),
		);
}

const MOST_AT_ONCE = 2 ** 30;
