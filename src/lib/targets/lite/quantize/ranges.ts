import type { Quantization } from "../graph.js";

/** The least and the largest number that a tensor had. */
export interface Range {
	readonly min: number;
	readonly max: number;
}

export function joined(a: Range, b: Range): Range {
	return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

export function rangeOf(values: ArrayLike<number>): Range {
	let [min, max] = [0, 0];
	for (let i = 0; i < values.length; i++) {
		const value = values[i];
		if (value < min) min = value;
		if (value > max) max = value;
	}
	return { min, max };
}

/** How activations are kept: bytes with a zero of their own, or 16 bits around zero (with weights of 8 bits). */
export interface Scheme {
	readonly dtype: "int8" | "int16";
	/** Biases are sums of products. */
	readonly bias: "int32" | "int64";
	of(range: Range): Quantization;
	/** What operators make whose range is that of a function (tfl_ops.td, FixedOutputRangeInterface). */
	readonly fixed: Readonly<Record<string, Quantization | undefined>>;
}

/** Ranges below it are no ranges. */
const LEAST_RANGE = 1e-6;

const int8: Scheme = {
	dtype: "int8",
	bias: "int32",
	of: (range) => {
		const { min, max } = joined(range, { min: 0, max: 0 });
		const scale = Math.max(max - min, LEAST_RANGE) / 255;
		const zero = Math.max(
			-128,
			Math.min(127, Math.round(-128 - min / scale) + 0),
		);
		return single(scale, zero);
	},
	fixed: {
		LOGISTIC: single(1 / 256, -128),
		SOFTMAX: single(1 / 256, -128),
		TANH: single(1 / 128, 0),
		L2_NORMALIZATION: single(1 / 128, 0),
		LOG_SOFTMAX: single(16 / 256, 127),
	},
};

const int16: Scheme = {
	dtype: "int16",
	bias: "int64",
	of: ({ min, max }) => single(Math.max(-min, max, LEAST_RANGE) / 32767, 0),
	fixed: {
		LOGISTIC: single(1 / 32768, 0),
		SOFTMAX: single(1 / 32768, 0),
		TANH: single(1 / 32768, 0),
	},
};

export const SCHEMES = { int8, int16 } as const;

function single(scale: number, zeroPoint: number): Quantization {
	return { scale: [scale], zeroPoint: [zeroPoint], axis: 0 };
}
