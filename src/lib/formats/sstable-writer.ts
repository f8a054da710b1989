import { maskedCrc32c } from "./crc32c.js";
import { varint } from "./wire-pieces.js";

/** One key and its value, as bytes. */
export interface NewEntry {
	readonly key: Uint8Array;
	readonly value: Uint8Array;
}

/** What TensorFlow's own tables have about. */
const BLOCK_BYTES = 2 ** 12;

const UNCOMPRESSED = 0;
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];
const HANDLES_BYTES = 40;

/**
 * A sorted string table (leveldb, doc/table_format.md), uncompressed, every key spelled out. The entries stand in the order of
 * their keys' bytes.
 */
export function writeTable(entries: readonly NewEntry[]): Uint8Array {
	const parts: Uint8Array[] = [];
	let offset = 0;
	const add = (block: Uint8Array): Uint8Array => {
		const handle = varints(offset, block.length);
		const bytes = withTrailer(block);
		parts.push(bytes);
		offset += bytes.length;
		return handle;
	};
	const index = blocksOf(entries).map((block) => ({
		key: block[block.length - 1].key,
		value: add(blockOf(block)),
	}));
	const handles = Buffer.concat([add(blockOf([])), add(blockOf(index))]);
	const footer = Buffer.concat([
		handles,
		Buffer.alloc(HANDLES_BYTES - handles.length),
		Uint8Array.from(MAGIC),
	]);
	return Buffer.concat([...parts, footer]);
}

function blocksOf(entries: readonly NewEntry[]): NewEntry[][] {
	const blocks: NewEntry[][] = [];
	let size = BLOCK_BYTES;
	for (const entry of entries) {
		if (size >= BLOCK_BYTES) {
			blocks.push([]);
			size = 0;
		}
		blocks[blocks.length - 1].push(entry);
		size += entry.key.length + entry.value.length;
	}
	return blocks;
}

/** Entries, then the places from which a reader may begin: each, as none shares a prefix with the one before it. */
function blockOf(entries: readonly NewEntry[]): Uint8Array {
	const starts: number[] = [];
	const parts: Uint8Array[] = [];
	let at = 0;
	for (const { key, value } of entries) {
		const head = varints(0, key.length, value.length);
		starts.push(at);
		parts.push(head, key, value);
		at += head.length + key.length + value.length;
	}
	const points = starts.length === 0 ? [0] : starts;
	const tail = Uint32Array.from([...points, points.length]);
	return Buffer.concat([...parts, new Uint8Array(tail.buffer)]);
}

function withTrailer(block: Uint8Array): Uint8Array {
	const typed = Buffer.concat([block, Uint8Array.of(UNCOMPRESSED)]);
	const checksum = Buffer.alloc(4);
	checksum.writeUInt32LE(maskedCrc32c(typed));
	return Buffer.concat([typed, checksum]);
}

function varints(...numbers: readonly number[]): Uint8Array {
	return Uint8Array.from(numbers.flatMap((number) => varint(BigInt(number))));
}
