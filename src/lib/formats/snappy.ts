import { fail } from "../errors.js";

/**
 * No element of the format turns fewer bytes into more than a copy with a two-byte offset does: 3 bytes into 64.
 * A declared length beyond this is a lie (google/snappy, format_description.txt).
 */
const MAX_EXPANSION = 64 / 3;

/** Decompresses one raw Snappy block (no framing). Fails with CORRUPT. */
export function decompressSnappy(bytes: Uint8Array): Uint8Array {
	const { length, start } = uncompressedLength(bytes);
	const output = new Uint8Array(length);
	let at = start;
	let filled = 0;
	while (at < bytes.length) {
		const element = readElement(bytes, at);
		const { count, offset } = element;
		if (count > length - filled)
			throw broken(
				`an element at ${at} writes ${count} bytes, ${length - filled} remain`,
			);
		if (offset === 0) {
			if (element.next + count > bytes.length)
				throw broken(
					`a literal at ${at} needs ${count} bytes, ${bytes.length - element.next} remain`,
				);
			output.set(bytes.subarray(element.next, element.next + count), filled);
			at = element.next + count;
		} else {
			if (offset > filled)
				throw broken(
					`a copy at ${at} reaches ${offset} bytes back, ${filled} were written`,
				);
			copyWithin(output, filled, offset, count);
			at = element.next;
		}
		filled += count;
	}
	if (filled !== length)
		throw broken(`${length} bytes were promised, ${filled} came out`);
	return output;
}

interface Element {
	readonly count: number;
	/** How far back a copy starts; 0 for a literal. */
	readonly offset: number;
	/** Where a literal's bytes, or after a copy the next element, begin. */
	readonly next: number;
}

const LITERAL = 0;
const COPY_1 = 1;
const COPY_2 = 2;

function readElement(bytes: Uint8Array, at: number): Element {
	const tag = bytes[at];
	const kind = tag & 3;
	const high = tag >>> 2;
	if (kind === LITERAL) {
		const extra = high < 60 ? 0 : high - 59;
		const count = extra === 0 ? high : littleEndian(bytes, at + 1, extra);
		return { count: count + 1, offset: 0, next: at + 1 + extra };
	}
	const size = kind === COPY_1 ? 1 : kind === COPY_2 ? 2 : 4;
	const low = littleEndian(bytes, at + 1, size);
	const offset = kind === COPY_1 ? ((tag >>> 5) << 8) | low : low;
	if (offset === 0) throw broken(`a copy at ${at} has offset 0`);
	const count = kind === COPY_1 ? (high & 7) + 4 : high + 1;
	return { count, offset, next: at + 1 + size };
}

/** A copy may overlap what it writes: then it repeats the last `offset` bytes. */
function copyWithin(
	output: Uint8Array,
	filled: number,
	offset: number,
	count: number,
): void {
	if (offset >= count) {
		output.copyWithin(filled, filled - offset, filled - offset + count);
		return;
	}
	for (let i = filled; i < filled + count; i++) output[i] = output[i - offset];
}

function uncompressedLength(bytes: Uint8Array): {
	length: number;
	start: number;
} {
	let length = 0;
	for (let i = 0; i < Math.min(bytes.length, 5); i++) {
		length += (bytes[i] & 127) * 2 ** (7 * i);
		if (bytes[i] >= 128) continue;
		if (length > bytes.length * MAX_EXPANSION)
			throw broken(
				`${length} bytes are promised, ${bytes.length} compressed bytes cannot hold them`,
			);
		return { length, start: i + 1 };
	}
	throw broken("its length is cut or longer than 5 bytes");
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
	if (at + size > bytes.length)
		throw broken(`an element is cut at ${bytes.length}`);
	let value = 0;
	for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i];
	return value;
}

function broken(reason: string) {
	return fail("CORRUPT", `cannot decompress a Snappy block: ${reason}`);
}
