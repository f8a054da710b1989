/** Makes samples of a block of coefficients: the inverse of the discrete cosine transform, in place. */
export interface Transform {
	/** Samples across and down: 8, 4, 2 or 1 of a block of 8. */
	readonly size: 8 | 4 | 2 | 1;
	/** What the coefficients are multiplied by, of their quantization steps. */
	readonly factors: (steps: Uint16Array) => Int32Array;
	/** Leaves samples less 128, with `fraction` bits behind the point, in the first `size` columns and rows of 8 by 8. */
	readonly inverse: (work: Int32Array) => void;
	readonly fraction: number;
	/** The sample less 128 where only the first coefficient counts. */
	readonly flat: (first: number) => number;
}

/** One dimension: 8 values from `at`, `step` apart. */
type Line = (work: Int32Array, at: number, step: number) => void;

/** Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with constants of 13 bits, as libjpeg's "islow" has them. */
export const ACCURATE: Transform = {
	size: 8,
	factors: (steps) => new Int32Array(steps),
	inverse: (work) => {
		for (let column = 0; column < 8; column++)
			accurateLine(work, column, 8, 11);
		for (let row = 0; row < 64; row += 8) accurateLine(work, row, 1, 18);
	},
	fraction: 0,
	flat: (first) => (first * 4 + 16) >> 5,
};

/** Arai, Agui and Nakajima (1988) with constants of 8 bits, as libjpeg's "ifast" has them. */
export const FAST: Transform = {
	size: 8,
	factors: (steps) => {
		const factors = new Int32Array(64);
		for (let i = 0; i < 64; i++)
			factors[i] = (steps[i] * SCALES[i] + 2048) >> 12;
		return factors;
	},
	inverse: (work) => {
		for (let column = 0; column < 8; column++) fastLine(work, column, 8);
		for (let row = 0; row < 64; row += 8) fastLine(work, row, 1);
	},
	fraction: 5,
	flat: (first) => first >> 5,
};

/** Products of cos(k π / 16) √2 (1 for k = 0) with 14 bits of fraction. */
const SCALES = Int32Array.from({ length: 64 }, (_, i) =>
	Math.round(16384 * scale(i >> 3) * scale(i & 7)),
);

function scale(k: number): number {
	return k === 0 ? 1 : Math.cos((k * Math.PI) / 16) * Math.SQRT2;
}

const fastLine: Line = (work, at, step) => {
	const i1 = at + step;
	const i2 = i1 + step;
	const i3 = i2 + step;
	const i4 = i3 + step;
	const i5 = i4 + step;
	const i6 = i5 + step;
	const i7 = i6 + step;
	const x0 = work[at];
	const x1 = work[i1];
	const x2 = work[i2];
	const x3 = work[i3];
	const x4 = work[i4];
	const x5 = work[i5];
	const x6 = work[i6];
	const x7 = work[i7];
	// the whole line of what is most often alone
	if ((x1 | x2 | x3 | x4 | x5 | x6 | x7) === 0) {
		work[i1] = x0;
		work[i2] = x0;
		work[i3] = x0;
		work[i4] = x0;
		work[i5] = x0;
		work[i6] = x0;
		work[i7] = x0;
		return;
	}
	const evenSum = (x0 + x4) | 0;
	const evenDifference = (x0 - x4) | 0;
	const sum26 = (x2 + x6) | 0;
	const turned26 = (((x2 - x6) * 362) >> 8) - sum26;
	const a = evenSum + sum26;
	const d = evenSum - sum26;
	const b = evenDifference + turned26;
	const c = evenDifference - turned26;
	const sum53 = (x5 + x3) | 0;
	const difference53 = (x5 - x3) | 0;
	const sum17 = (x1 + x7) | 0;
	const difference17 = (x1 - x7) | 0;
	const p = (sum17 + sum53) | 0;
	const turned = ((sum17 - sum53) * 362) >> 8;
	const both = ((difference53 + difference17) * 473) >> 8;
	const q = (((difference53 * -669) >> 8) + both - p) | 0;
	const r = (turned - q) | 0;
	const s = (((difference17 * 277) >> 8) - both + r) | 0;
	work[at] = a + p;
	work[i7] = a - p;
	work[i1] = b + q;
	work[i6] = b - q;
	work[i2] = c + r;
	work[i5] = c - r;
	work[i4] = d + s;
	work[i3] = d - s;
};

/** The sums lose `bits` of fraction, rounded. */
function accurateLine(
	work: Int32Array,
	at: number,
	step: number,
	bits: number,
): void {
	const [i1, i2, i3] = [at + step, at + 2 * step, at + 3 * step];
	const i4 = at + 4 * step;
	const [i5, i6, i7] = [i4 + step, i4 + 2 * step, i4 + 3 * step];
	const half = 1 << (bits - 1);
	const even = (work[i2] + work[i6]) * 4433;
	const turned6 = even - work[i6] * 15137;
	const turned2 = even + work[i2] * 6270;
	const sum = (work[at] + work[i4]) * 8192 + half;
	const difference = (work[at] - work[i4]) * 8192 + half;
	const [x7, x5, x3, x1] = [work[i7], work[i5], work[i3], work[i1]];
	const all = (x7 + x3 + x5 + x1) * 9633;
	const with71 = (x7 + x1) * -7373;
	const with53 = (x5 + x3) * -20995;
	const with73 = (x7 + x3) * -16069 + all;
	const with51 = (x5 + x1) * -3196 + all;
	const p = x7 * 2446 + with71 + with73;
	const q = x5 * 16819 + with53 + with51;
	const r = x3 * 25172 + with53 + with73;
	const s = x1 * 12299 + with71 + with51;
	work[at] = (sum + turned2 + s) >> bits;
	work[i7] = (sum + turned2 - s) >> bits;
	work[i1] = (difference + turned6 + r) >> bits;
	work[i6] = (difference + turned6 - r) >> bits;
	work[i2] = (difference - turned6 + q) >> bits;
	work[i5] = (difference - turned6 - q) >> bits;
	work[i3] = (sum - turned2 + p) >> bits;
	work[i4] = (sum - turned2 - p) >> bits;
}
