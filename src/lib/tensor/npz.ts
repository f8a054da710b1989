import { crc32 } from "node:zlib";
import { unzipSync, zipSync } from "fflate";
import { fail, MlshipError } from "../errors.js";
import { readNpy, writeNpy } from "./npy.js";
import type { Tensor } from "./tensor.js";

/** Reads a zip of npy files (numpy.savez), stored or deflated, by their names without ".npy". Fails with CORRUPT. */
export function readNpz(bytes: Uint8Array): Readonly<Record<string, Tensor>> {
	const checksums = readChecksums(bytes);
	const entries = Object.entries(unzipped(bytes)).filter(([name]) =>
		name.endsWith(".npy"),
	);
	return Object.fromEntries(
		entries.map(([name, content]) => {
			const wanted = checksums.get(name);
			if (wanted !== undefined && crc32(content) !== wanted)
				throw fail(
					"CORRUPT",
					`cannot read the npz file: the checksum of ${name} is ${crc32(content)}, ${wanted} is wanted`,
				);
			return [name.replace(/\.npy$/, ""), readNpy(content)];
		}),
	);
}

/** Writes what numpy.load reads; numbers rarely shrink, so they are stored as they are. */
export function writeNpz(
	tensors: Readonly<Record<string, Tensor>>,
): Uint8Array {
	const entries = Object.entries(tensors).map(
		([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const,
	);
	return zipSync(Object.fromEntries(entries), { level: 0 });
}

/** Deflate makes of one byte no more than so many (RFC 1951: 258 from two bits). */
const MOST_GROWTH = 1032;

/** The sizes that the archive tells are believed only as far as deflate could have made them. */
function unzipped(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> {
	let packed = 0;
	try {
		return unzipSync(bytes, {
			filter: ({ name, size, originalSize }) => {
				packed += size;
				if (packed > bytes.length || originalSize > size * MOST_GROWTH)
					throw fail(
						"CORRUPT",
						`cannot read the npz file: ${name} cannot have ${originalSize} bytes, packed in ${size}`,
					);
				return true;
			},
		});
	} catch (cause) {
		if (cause instanceof MlshipError) throw cause;
		throw fail(
			"CORRUPT",
			`cannot read the npz file: ${cause instanceof Error ? cause.message : "it is no zip archive"}`,
			{ cause },
		);
	}
}

/** A zip's records (APPNOTE.TXT 4.3.12, 4.3.16): their signatures, and the length of a record without its names. */
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_LENGTH = 46;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_LENGTH = 22;

/** What the directory at the archive's end says of each file, which the unpacker does not look at. */
function readChecksums(bytes: Uint8Array): ReadonlyMap<string, number> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const checksums = new Map<string, number>();
	let end = bytes.length - DIRECTORY_END_LENGTH;
	while (end >= 0 && view.getUint32(end, true) !== DIRECTORY_END) end--;
	if (end < 0) return checksums;
	let at = view.getUint32(end + 16, true);
	while (
		at + DIRECTORY_ENTRY_LENGTH <= end &&
		view.getUint32(at, true) === DIRECTORY_ENTRY
	) {
		const nameAt = at + DIRECTORY_ENTRY_LENGTH;
		const nameLength = view.getUint16(at + 28, true);
		const name = bytes.subarray(nameAt, nameAt + nameLength);
		checksums.set(Buffer.from(name).toString(), view.getUint32(at + 16, true));
		at =
			nameAt +
			nameLength +
			view.getUint16(at + 30, true) +
			view.getUint16(at + 32, true);
	}
	return checksums;
}
