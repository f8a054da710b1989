import { maskedCrc32c } from "../src/lib/formats/crc32c.js";

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** A table as leveldb writes it (doc/table_format.md), one restart point a block, no prefix shared. */
export function makeTable(blocks: readonly (readonly Entry[])[]): Uint8Array {
	const parts: Uint8Array[] = [];
	let offset = 0;
	const add = (block: Uint8Array): Uint8Array => {
		const handle = Buffer.concat([varint(offset), varint(block.length)]);
		const sealed = seal(block, 0);
		parts.push(sealed);
		offset += sealed.length;
		return handle;
	};
	const index = blocks.map((entries): Entry => {
		const handle = add(makeBlock(entries));
		return [entries.at(-1)?.[0] ?? new Uint8Array(0), handle];
	});
	const meta = add(makeBlock([]));
	return Buffer.concat([...parts, tail(meta, makeBlock(index), offset)]);
}

/** The index block and the footer that points to it. */
export function tail(
	meta: Uint8Array,
	index: Uint8Array,
	offset: number,
): Uint8Array {
	const footer = Buffer.alloc(48);
	Buffer.concat([meta, varint(offset), varint(index.length)]).copy(footer);
	Buffer.from("57fb808b247547db", "hex").copy(footer, 40);
	return Buffer.concat([seal(index, 0), footer]);
}

export function makeBlock(entries: readonly Entry[]): Uint8Array {
	return Buffer.concat([
		...entries.map(([key, value]) => makeEntry(0, key, value)),
		restarts(1),
	]);
}

/** An entry that shares as many bytes with the key before it. */
export function makeEntry(
	shared: number,
	key: Uint8Array,
	value: Uint8Array,
): Uint8Array {
	return Buffer.concat([
		varint(shared),
		varint(key.length),
		varint(value.length),
		key,
		value,
	]);
}

/** So many restart points, all at 0, and their number. */
export function restarts(count: number): Uint8Array {
	const bytes = Buffer.alloc(4 * count + 4);
	bytes.writeUInt32LE(count, 4 * count);
	return bytes;
}

/** A block with its compression type and checksum. */
export function seal(block: Uint8Array, type: number): Uint8Array {
	const typed = Buffer.concat([block, Buffer.of(type)]);
	const crc = Buffer.alloc(4);
	crc.writeUInt32LE(maskedCrc32c(typed));
	return Buffer.concat([typed, crc]);
}

export function varint(value: number): Uint8Array {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 128; rest = Math.floor(rest / 128))
		bytes.push((rest % 128) | 128);
	return Buffer.from([...bytes, rest]);
}
