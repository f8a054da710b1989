import {
	mul,
	remainder,
	shift,
	type Uint64,
	uint64,
	xor,
} from "../../formats/hash/uint64.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { type CrossColumn, textsOf } from "./cross-column.js";

/** How many combinations each row has: one value of each column. */
export function crossCounts(columns: readonly CrossColumn[]): number[] {
	const rows = columns[0]?.rowCount ?? 0;
	return Array.from({ length: rows }, (_, row) =>
		columns.reduce(
			(product, column) =>
				product * (column.start(row + 1) - column.start(row)),
			1,
		),
	);
}

/** Goes through all combinations of all rows, the last column changing first: the place of a value in each column. */
function eachCombination(
	columns: readonly CrossColumn[],
	visit: (places: Int32Array) => void,
): void {
	const places = new Int32Array(columns.length);
	for (const [row, count] of crossCounts(columns).entries()) {
		for (const [i, column] of columns.entries()) places[i] = column.start(row);
		for (let done = 0; done < count; done++) {
			visit(places);
			for (let i = columns.length - 1; i >= 0; i--) {
				if (++places[i] < columns[i].start(row + 1)) break;
				places[i] = columns[i].start(row);
			}
		}
	}
}

/** Texts joined by a separator. */
export function crossedTexts(
	columns: readonly CrossColumn[],
	separator: Uint8Array,
): Tensor {
	const texts = columns.map(({ values }) => textsOf(values));
	const data: Uint8Array[] = [];
	eachCombination(columns, (places) => {
		const parts: Uint8Array[] = [];
		for (let i = 0; i < places.length; i++) {
			if (i > 0) parts.push(separator);
			parts.push(texts[i][places[i]]);
		}
		data.push(Buffer.concat(parts));
	});
	return { dtype: "string", shape: [data.length], data };
}

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * Numbers of one combination each, below a number of buckets: the keys of its values taken together one after another,
 * from `start` on or from the first of them. Buckets of 0 stand for all numbers.
 */
export function crossedHashes(
	columns: readonly CrossColumn[],
	keys: readonly (readonly Uint64[])[],
	buckets: bigint,
	start?: Uint64,
): Tensor {
	const count = crossCounts(columns).reduce((sum, more) => sum + more, 0);
	const data = new BigInt64Array(elementCount([count]));
	const divisor =
		buckets === 0n ? MAX_INT64 : buckets < 2 ** 53 ? Number(buckets) : buckets;
	let at = 0;
	eachCombination(columns, (places) => {
		let hash = start ?? keys[0][places[0]];
		for (let i = start === undefined ? 1 : 0; i < places.length; i++)
			hash = fingerprintCat(hash, keys[i][places[i]]);
		data[at++] = remainder(hash, divisor);
	});
	return { dtype: "int64", shape: [count], data };
}

const MULTIPLIER = uint64(0xc6a4a7935bd1e995n);

/** `FingerprintCat64` (tsl/platform/fingerprint.h). */
function fingerprintCat(a: Uint64, b: Uint64): Uint64 {
	const mixed = mul(shiftMix(mul(b, MULTIPLIER)), MULTIPLIER);
	const result = mul(xor(xor(a, MULTIPLIER), mixed), MULTIPLIER);
	return shiftMix(mul(shiftMix(result), MULTIPLIER));
}

function shiftMix(value: Uint64): Uint64 {
	return xor(value, shift(value, 47));
}
