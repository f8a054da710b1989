import { fail } from "../errors.js";
import { readWhole } from "../formats/file.js";
import { readTable } from "../formats/sstable.js";
import { WireReader } from "../formats/wire.js";

/** BundleEntryProto's shard_id, offset and size; BundleHeaderProto's num_shards (tensor_bundle.proto). */
const [SHARD, OFFSET, SIZE] = [3, 4, 5];
const NUM_SHARDS = 1;

const MAX_BYTES = 2 ** 30;
const MAX_SHARDS = 100_000;

/**
 * How many bytes each shard of a bundle has to have, by the names of their files; the entries of the index are not read
 * further. Fails with CORRUPT.
 */
export function shardSizes(indexPath: string): ReadonlyMap<string, number> {
	const [header, ...entries] = readTable(
		readWhole(indexPath, MAX_BYTES),
		indexPath,
	);
	const count = numbersOf(header?.value ?? new Uint8Array(), indexPath)[
		NUM_SHARDS
	];
	if (count > MAX_SHARDS)
		throw fail("CORRUPT", `cannot read ${indexPath}: it has ${count} shards`);
	const sizes = new Array<number>(count).fill(0);
	for (const { value } of entries) {
		const numbers = numbersOf(value, indexPath);
		const end = numbers[OFFSET] + numbers[SIZE];
		sizes[numbers[SHARD]] = Math.max(sizes[numbers[SHARD]] ?? 0, end);
	}
	const five = (number: number) => String(number).padStart(5, "0");
	return new Map(
		sizes.map((size, i) => [
			`variables.data-${five(i)}-of-${five(count)}`,
			size,
		]),
	);
}

const FIELDS = 6;

/** The numbers of a message by their fields; those that are left out are 0. */
function numbersOf(message: Uint8Array, file: string): number[] {
	const reader = new WireReader(message, file);
	const numbers = new Array<number>(FIELDS).fill(0);
	while (reader.pos < reader.end) {
		const tag = reader.varint32();
		if ((tag & 7) === 0 && tag >>> 3 < FIELDS)
			numbers[tag >>> 3] = Number(reader.varint64());
		else reader.skip(tag & 7, 0);
	}
	return numbers;
}
