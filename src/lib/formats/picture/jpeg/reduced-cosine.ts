import type { Transform } from "./cosine.js";

/**
 * Transforms that give fewer samples than there are coefficients: means of neighbours, by the sums that are left of
 * `ACCURATE`'s (libjpeg, jidctred.c).
 */
export const HALF: Transform = {
	size: 4,
	factors: (steps) => new Int32Array(steps),
	inverse: (work) => {
		for (let column = 0; column < 8; column++)
			if (column !== 4) fourOf(work, column, 8, 12);
		for (let row = 0; row < 32; row += 8) fourOf(work, row, 1, 19);
	},
	fraction: 0,
	flat: (first) => (first * 4 + 16) >> 5,
};

export const QUARTER: Transform = {
	size: 2,
	factors: (steps) => new Int32Array(steps),
	inverse: (work) => {
		for (const column of [0, 1, 3, 5, 7]) twoOf(work, column, 8, 13);
		for (let row = 0; row < 16; row += 8) twoOf(work, row, 1, 20);
	},
	fraction: 0,
	flat: (first) => (first * 4 + 16) >> 5,
};

export const EIGHTH: Transform = {
	size: 1,
	factors: (steps) => new Int32Array(steps),
	inverse: (work) => {
		work[0] = (work[0] + 4) >> 3;
	},
	fraction: 0,
	flat: (first) => (first + 4) >> 3,
};

/** The first 4 of 8 values become samples; the sums lose `bits` of fraction, rounded. */
function fourOf(
	work: Int32Array,
	at: number,
	step: number,
	bits: number,
): void {
	const value = (k: number) => work[at + k * step];
	const half = 1 << (bits - 1);
	const first = value(0) * 16384 + half;
	const even = value(2) * 15137 - value(6) * 6270;
	const inner =
		value(7) * -1730 + value(5) * 11893 - value(3) * 17799 + value(1) * 8697;
	const outer =
		value(7) * -4176 - value(5) * 4926 + value(3) * 7373 + value(1) * 20995;
	work[at] = (first + even + outer) >> bits;
	work[at + 3 * step] = (first + even - outer) >> bits;
	work[at + step] = (first - even + inner) >> bits;
	work[at + 2 * step] = (first - even - inner) >> bits;
}

function twoOf(work: Int32Array, at: number, step: number, bits: number): void {
	const value = (k: number) => work[at + k * step];
	const first = value(0) * 32768 + (1 << (bits - 1));
	const odd =
		value(7) * -5906 + value(5) * 6967 - value(3) * 10426 + value(1) * 29692;
	work[at] = (first + odd) >> bits;
	work[at + step] = (first - odd) >> bits;
}
