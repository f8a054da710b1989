import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { LENGTH_DELIMITED } from "./wire.js";
import { field } from "./wire-pieces.js";

/** Numbers of fields that are wanted: whole, or of the message in them those that are named again. */
export interface WantedFields {
	readonly [field: number]: true | WantedFields;
}

/**
 * The wanted fields of the message that a file holds, as a message by themselves. What lies between is not read, only
 * jumped over, so that weights in it cost nothing. Fails with CORRUPT where lengths lead out of the file, or where more
 * than `limit` bytes are wanted.
 */
export function pickFields(
	path: string,
	wanted: WantedFields,
	limit: number,
): Uint8Array {
	const reader = openReader(path, limit);
	try {
		return Buffer.concat(fieldsOf(reader, 0, reader.size, wanted));
	} catch (error) {
		throw asMlshipError(error);
	} finally {
		reader.close();
	}
}

interface Reader {
	readonly size: number;
	/** A number of the wire, and where the next thing begins. */
	varintAt(at: number): readonly [number, number];
	bytes(from: number, to: number): Uint8Array;
	broken(reason: string): MlshipError;
	close(): void;
}

function fieldsOf(
	reader: Reader,
	from: number,
	to: number,
	wanted: WantedFields,
): Uint8Array[] {
	const parts: Uint8Array[] = [];
	for (let at = from; at < to; ) {
		const [tag, start] = reader.varintAt(at);
		const [head, end] = valueAt(reader, tag & 7, start);
		if (end > to)
			throw reader.broken(`a field at ${at} reaches to ${end}, ${to} remain`);
		const want = wanted[tag >>> 3];
		if (want === true) parts.push(reader.bytes(at, end));
		else if (want !== undefined && (tag & 7) === LENGTH_DELIMITED)
			parts.push(...field(tag >>> 3, fieldsOf(reader, head, end, want)));
		at = end;
	}
	return parts;
}

/** Where a value's bytes begin and end (protobuf.dev, encoding). */
function valueAt(
	reader: Reader,
	wireType: number,
	at: number,
): readonly [number, number] {
	if (wireType === 0) return [at, reader.varintAt(at)[1]];
	if (wireType === 1) return [at, at + 8];
	if (wireType === 5) return [at, at + 4];
	if (wireType !== LENGTH_DELIMITED)
		throw reader.broken(`a field before ${at} has wire type ${wireType}`);
	const [length, start] = reader.varintAt(at);
	return [start, start + length];
}

const WINDOW = 4096;

/** Numbers are read from a window that follows them. */
function openReader(path: string, limit: number): Reader {
	const file = openSync(path, "r");
	const { size } = fstatSync(file);
	const window = Buffer.allocUnsafe(WINDOW);
	let [first, last, taken] = [0, 0, 0];
	const broken = (reason: string) =>
		fail("CORRUPT", `cannot read ${path}: ${reason}`, { at: { file: path } });
	const byteAt = (at: number): number => {
		if (at < first || at >= last) {
			first = at;
			last = at + readSync(file, window, 0, WINDOW, at);
		}
		if (at >= last) throw broken(`it ends at ${at}, in the middle of a field`);
		return window[at - first];
	};
	return {
		size,
		varintAt: (start) => {
			let value = 0;
			for (let i = 0; i < 10; i++) {
				const byte = byteAt(start + i);
				value += (byte & 127) * 2 ** (7 * i);
				if (byte < 128) return [value, start + i + 1];
			}
			throw broken(`a number at ${start} has more than 10 bytes`);
		},
		bytes: (from, to) => {
			taken += to - from;
			if (taken > limit)
				throw broken(`what describes it has more than ${limit} bytes`);
			const bytes = new Uint8Array(to - from);
			for (let done = 0; done < bytes.length; ) {
				const count = readSync(
					file,
					bytes,
					done,
					to - from - done,
					from + done,
				);
				if (count === 0) throw broken("it was cut meanwhile");
				done += count;
			}
			return bytes;
		},
		broken,
		close: () => closeSync(file),
	};
}
