import { fail, MlshipError } from "../errors.js";
import { maskedCrc32c } from "./crc32c.js";
import { decompressSnappy } from "./snappy.js";

/** One key and its value; both are views of the table's bytes or of a decompressed block. */
export interface TableEntry {
	readonly key: Uint8Array;
	readonly value: Uint8Array;
}

/**
 * All entries of a sorted string table in the order of their keys, checksums verified
 * (leveldb, doc/table_format.md). `file` is the name that errors mention. Fails with CORRUPT.
 */
export function readTable(bytes: Uint8Array, file: string): TableEntry[] {
	try {
		return tableEntries(bytes);
	} catch (error) {
		if (!(error instanceof MlshipError)) throw error;
		throw fail("CORRUPT", `cannot read ${file}: ${error.message}`, {
			at: { file, ...error.at },
			cause: error,
		});
	}
}

const FOOTER_BYTES = 48;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
/** Type byte and checksum after each block. */
const TRAILER_BYTES = 5;
/** Keys share prefixes, so a small table can spell out huge ones: a million names of 128 bytes are enough. */
const MAX_KEY_BYTES = 2 ** 27;

function tableEntries(bytes: Uint8Array): TableEntry[] {
	const entries: TableEntry[] = [];
	let end = 0;
	let keyBytes = 0;
	for (const { value } of readBlock(bytes, indexHandle(bytes))) {
		const handle = readHandle(new Cursor(value));
		if (handle.offset < end)
			throw fail(
				"CORRUPT",
				`block at ${handle.offset} begins before the one before it ends at ${end}`,
			);
		end = handle.offset + handle.size;
		for (const entry of readBlock(bytes, handle)) {
			keyBytes += entry.key.length;
			if (keyBytes > MAX_KEY_BYTES)
				throw fail("CORRUPT", `its keys take more than ${MAX_KEY_BYTES} bytes`);
			entries.push(entry);
		}
	}
	return entries;
}

interface BlockHandle {
	readonly offset: number;
	readonly size: number;
}

function indexHandle(bytes: Uint8Array): BlockHandle {
	const start = bytes.length - FOOTER_BYTES;
	if (start < 0)
		throw fail(
			"CORRUPT",
			`it has ${bytes.length} bytes, a table's footer alone takes ${FOOTER_BYTES}`,
		);
	const footer = bytes.subarray(start);
	if (!MAGIC.every((byte, i) => footer[FOOTER_BYTES - 8 + i] === byte))
		throw fail(
			"CORRUPT",
			"it does not end like a table: the file is cut, or something else",
		);
	const cursor = new Cursor(footer);
	readHandle(cursor); // the metaindex, which TensorFlow leaves empty
	return readHandle(cursor);
}

function readHandle(cursor: Cursor): BlockHandle {
	return { offset: cursor.varint(), size: cursor.varint() };
}

function* readBlock(
	bytes: Uint8Array,
	handle: BlockHandle,
): Generator<TableEntry> {
	const block = blockContents(bytes, handle);
	const cursor = new Cursor(
		block.subarray(0, entriesEnd(block, handle.offset)),
	);
	let key = new Uint8Array(0);
	let keyBytes = 0;
	while (cursor.remaining > 0) {
		const shared = cursor.varint();
		const added = cursor.varint();
		const valueBytes = cursor.varint();
		keyBytes += shared + added;
		if (shared > key.length || keyBytes > MAX_KEY_BYTES)
			throw fail(
				"CORRUPT",
				`a key in the block at ${handle.offset} shares ${shared} bytes with one of ${key.length}`,
			);
		const next = new Uint8Array(shared + Math.min(added, cursor.remaining));
		next.set(key.subarray(0, shared));
		next.set(cursor.take(added), shared);
		key = next;
		yield { key, value: cursor.take(valueBytes) };
	}
}

function blockContents(
	bytes: Uint8Array,
	{ offset, size }: BlockHandle,
): Uint8Array {
	const remaining = bytes.length - FOOTER_BYTES - offset;
	if (size + TRAILER_BYTES > remaining)
		throw fail(
			"CORRUPT",
			`block at ${offset} needs ${size + TRAILER_BYTES} bytes, ${Math.max(remaining, 0)} remain`,
		);
	const end = offset + size;
	const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, 5);
	const stored = trailer.getUint32(1, true);
	const found = maskedCrc32c(bytes.subarray(offset, end + 1));
	if (stored !== found)
		throw fail(
			"CORRUPT",
			`block at ${offset} has checksum ${hex(found)}, its trailer says ${hex(stored)}`,
		);
	const decompress = COMPRESSIONS[trailer.getUint8(0)];
	if (decompress === undefined)
		throw fail(
			"CORRUPT",
			`block at ${offset} has compression type ${trailer.getUint8(0)}, known are 0 (none) and 1 (Snappy)`,
		);
	return decompress(bytes.subarray(offset, end));
}

/** By the type byte after a block. */
const COMPRESSIONS: readonly ((block: Uint8Array) => Uint8Array)[] = [
	(block) => block,
	decompressSnappy,
];

/** A block ends with its restart points (uint32 each) and their number; reading in order needs none of them. */
function entriesEnd(block: Uint8Array, offset: number): number {
	const count =
		block.length < 4
			? -1
			: new DataView(
					block.buffer,
					block.byteOffset + block.length - 4,
				).getUint32(0, true);
	const end = block.length - 4 - count * 4;
	if (count < 0 || end < 0)
		throw fail(
			"CORRUPT",
			`block at ${offset} has ${block.length} bytes, too few for its restart points`,
		);
	return end;
}

/** Reads varints and bytes in order; its state is the place in the bytes. */
class Cursor {
	private at = 0;

	constructor(private readonly bytes: Uint8Array) {}

	get remaining(): number {
		return this.bytes.length - this.at;
	}

	/** Up to 2^53: no offset of a real file is longer. */
	varint(): number {
		let value = 0;
		for (let shift = 0; shift < 49; shift += 7) {
			if (this.remaining === 0) throw fail("CORRUPT", "a number is cut");
			const byte = this.bytes[this.at++];
			value += (byte & 127) * 2 ** shift;
			if (byte < 128) return value;
		}
		throw fail("CORRUPT", "a number has more than 7 bytes");
	}

	take(count: number): Uint8Array {
		if (count > this.remaining)
			throw fail(
				"CORRUPT",
				`an entry needs ${count} bytes, ${this.remaining} remain`,
			);
		this.at += count;
		return this.bytes.subarray(this.at - count, this.at);
	}
}

function hex(value: number): string {
	return `0x${value.toString(16).padStart(8, "0")}`;
}
