import { fail } from "../errors.js";
import { crc32c, maskCrc32c } from "../formats/crc32c.js";

/** The strings of a tensor, and the checksum that the index keeps of them. */
export interface StoredStrings {
	readonly values: Uint8Array[];
	/** Masked. */
	readonly crc: number;
}

/**
 * Strings of a bundle: their lengths as varints, a checksum of the lengths, then their bytes
 * (tensor_bundle.cc, WriteStringTensor). Both checksums count a length as 4 bytes, or as 8 where it needs them.
 * Fails with CORRUPT.
 */
export function parseStrings(bytes: Uint8Array, count: number): StoredStrings {
	if (bytes.length < count + CHECKSUM_BYTES)
		throw fail(
			"CORRUPT",
			`${count} strings take at least ${count + CHECKSUM_BYTES} bytes, ${bytes.length} are there`,
		);
	const lengths = new Uint32Array(count);
	let at = 0;
	for (let i = 0; i < count; i++) {
		const { value, next } = readLength(bytes, at);
		lengths[i] = value;
		at = next;
	}
	const lengthsCrc = crc32c(new Uint8Array(lengths.buffer));
	const checksum = bytes.subarray(at, at + CHECKSUM_BYTES);
	const stored = Buffer.from(checksum).readUInt32LE();
	if (stored !== maskCrc32c(lengthsCrc))
		throw fail(
			"CORRUPT",
			"the lengths of its strings differ from their checksum",
		);
	at += CHECKSUM_BYTES;
	const content = bytes.subarray(at);
	return {
		values: cut(content, lengths),
		crc: maskCrc32c(crc32c(content, crc32c(checksum, lengthsCrc))),
	};
}

const CHECKSUM_BYTES = 4;

/** No string is longer than its file; beyond 2^32 the checksum would count the length otherwise. */
const MAX_LENGTH = 2 ** 32 - 1;

function readLength(
	bytes: Uint8Array,
	start: number,
): { value: number; next: number } {
	let value = 0;
	for (let i = 0; i < 5 && start + i < bytes.length - CHECKSUM_BYTES; i++) {
		const byte = bytes[start + i];
		value += (byte & 127) * 128 ** i;
		if (byte < 128 && value <= MAX_LENGTH)
			return { value, next: start + i + 1 };
	}
	throw fail(
		"CORRUPT",
		`the length of a string at ${start} is cut or too large`,
	);
}

function cut(content: Uint8Array, lengths: Uint32Array): Uint8Array[] {
	const total = lengths.reduce((sum, length) => sum + length, 0);
	if (total !== content.length)
		throw fail(
			"CORRUPT",
			`its strings take ${total} bytes, ${content.length} are there`,
		);
	let at = 0;
	return Array.from(lengths, (length) => {
		at += length;
		return content.subarray(at - length, at);
	});
}
