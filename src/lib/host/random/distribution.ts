import type { BigArray, NumericArray } from "../../tensor/dtype.js";
import { type Philox, WordStream } from "./philox.js";

/** How groups of numbers come from a generator (random_distributions.h). */
export interface Distribution<Values> {
	/** Numbers drawn at once. */
	readonly group: number;
	/** Whether a group may take more than one block, so that each group gets blocks of its own. */
	readonly isRejecting: boolean;
	/** Writes a group into `values` from `at` on. */
	draw(source: Philox, values: Values, at: number): void;
}

/** Uniform in [0, 1) with 10 bits (float16), 7 bits (bfloat16), 23 bits (float32). */
function coarse(bits: number): Distribution<NumericArray> {
	const mask = 2 ** bits - 1;
	const step = 2 ** -bits;
	return simple<NumericArray>(4, (words, values, at) => {
		for (let i = 0; i < 4; i++) values[at + i] = (words[i] & mask) * step;
	});
}

export const uniform = {
	float16: coarse(10),
	bfloat16: coarse(7),
	float32: coarse(23),
	float64: simple<NumericArray>(2, (words, values, at) => {
		values[at] = double(words[0], words[1]);
		values[at + 1] = double(words[2], words[3]);
	}),
} as const satisfies Record<string, Distribution<NumericArray>>;

/** Standard normal by Box and Muller; half types are rounded from single precision. */
const singleNormal = simple<NumericArray>(4, (words, values, at) => {
	singlePair(words[0], words[1], values, at);
	singlePair(words[2], words[3], values, at + 2);
});

export const normal = {
	float16: singleNormal,
	bfloat16: singleNormal,
	float32: singleNormal,
	float64: simple<NumericArray>(2, doublePair),
} as const satisfies Record<string, Distribution<NumericArray>>;

/** Standard normal, drawn again where it is two or more from 0. */
const singleTruncated = rejecting(4, (words, pair) =>
	singlePair(words.next(), words.next(), pair, 0),
);

export const truncatedNormal = {
	float16: singleTruncated,
	bfloat16: singleTruncated,
	float32: singleTruncated,
	float64: rejecting(2, (words, pair) =>
		doublePair(
			Uint32Array.of(words.next(), words.next(), words.next(), words.next()),
			pair,
			0,
		),
	),
} as const satisfies Record<string, Distribution<NumericArray>>;

/** All bits of integers of 32. */
export const fullInt: Distribution<NumericArray> = simple(
	4,
	(words, values, at) => {
		for (let i = 0; i < 4; i++) values[at + i] = words[i];
	},
);

/** All bits of integers of 64. */
export const fullBigInt: Distribution<BigArray> = simple(
	2,
	(words, values, at) => {
		values[at] = wide(words[0], words[1]);
		values[at + 1] = wide(words[2], words[3]);
	},
);

/** From `low` up to and without `high`, of 32 bits. */
export function intBetween(
	low: number,
	high: number,
): Distribution<NumericArray> {
	const range = (high - low) >>> 0;
	return simple(4, (words, values, at) => {
		for (let i = 0; i < 4; i++) values[at + i] = low + (words[i] % range);
	});
}

/** From `low` up to and without `high`, of 64 bits. */
export function bigIntBetween(
	low: bigint,
	high: bigint,
): Distribution<BigArray> {
	const range = BigInt.asUintN(64, high - low);
	const small = Number(range);
	// so that a rest shifted by 32 bits is still a whole number
	const rest =
		small <= 2 ** 21
			? (a: number, b: number) => BigInt(((b % small) * 2 ** 32 + a) % small)
			: (a: number, b: number) => wide(a, b) % range;
	return simple(2, (words, values, at) => {
		values[at] = low + rest(words[0], words[1]);
		values[at + 1] = low + rest(words[2], words[3]);
	});
}

function simple<Values>(
	group: number,
	spread: (words: Uint32Array, values: Values, at: number) => void,
): Distribution<Values> {
	return {
		group,
		isRejecting: false,
		draw: (source, values, at) => spread(source.next(), values, at),
	};
}

/** Draws pairs until `group` numbers were accepted. */
function rejecting(
	group: number,
	drawPair: (words: WordStream, pair: Float64Array) => void,
): Distribution<NumericArray> {
	const pair = new Float64Array(2);
	return {
		group,
		isRejecting: true,
		draw: (source, values, at) => {
			const words = new WordStream(source);
			let found = 0;
			while (found < group) {
				drawPair(words, pair);
				for (let i = 0; i < 2 && found < group; i++)
					if (Math.abs(pair[i]) < 2) values[at + found++] = pair[i];
			}
		},
	};
}

/** A number in [0, 1) of 52 random bits. */
export function double(high: number, low: number): number {
	return ((high & 0xfffff) * 2 ** 32 + low) * 2 ** -52;
}

function wide(low: number, high: number): bigint {
	return (BigInt(high) << 32n) | BigInt(low);
}

/** What the logarithm is taken of is no smaller, in the precision at hand. */
const SMALLEST = 1e-7;
const SMALLEST_SINGLE = Math.fround(SMALLEST);

/** Two numbers in single precision. */
function singlePair(
	a: number,
	b: number,
	values: NumericArray,
	at: number,
): void {
	const u = Math.max((a & 0x7fffff) * 2 ** -23, SMALLEST_SINGLE);
	const angle = Math.fround(2 * Math.PI * ((b & 0x7fffff) * 2 ** -23));
	const radius = Math.fround(
		Math.sqrt(Math.fround(-2 * Math.fround(Math.log(u)))),
	);
	values[at] = Math.fround(Math.fround(Math.sin(angle)) * radius);
	values[at + 1] = Math.fround(Math.fround(Math.cos(angle)) * radius);
}

/** Two numbers in double precision. */
function doublePair(
	words: Uint32Array,
	values: NumericArray,
	at: number,
): void {
	const u = Math.max(double(words[0], words[1]), SMALLEST);
	const angle = 2 * Math.PI * double(words[2], words[3]);
	const radius = Math.sqrt(-2 * Math.log(u));
	values[at] = Math.sin(angle) * radius;
	values[at + 1] = Math.cos(angle) * radius;
}
