import { DTYPES, type DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * What quantized integers stand for (kernels/quantization_utils.h). Upstream mixes single and double precision, and so must
 * this: `fround` stands wherever its C++ has a float.
 */
export interface Range {
	readonly low: number;
	readonly high: number;
}

const { fround } = Math;

export interface Limits {
	readonly lowest: number;
	readonly highest: number;
	/** All values that the type has. */
	readonly steps: number;
}

export function limitsOf(dtype: DType): Limits {
	const steps = 2 ** (8 * DTYPES[dtype].bytes);
	const lowest = dtype.startsWith("qu") ? 0 : -steps / 2;
	return { lowest, highest: lowest + steps - 1, steps };
}

/** A range in two scalars. */
export function rangeOf(low: Tensor, high: Tensor): Range {
	return { low: Number(low.data[0]), high: Number(high.data[0]) };
}

/** A range as two scalars. */
export function rangeTensors({ low, high }: Range): readonly Tensor[] {
	return [low, high].map((value) => ({
		dtype: "float32",
		shape: [],
		data: Float32Array.of(value),
	}));
}

/** Halves away from zero, as C's `round`. */
export function roundAway(value: number): number {
	return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
}

/** Upstream's `FloatToQuantizedUnclamped`. */
export function unclamped(
	value: number,
	{ low, high }: Range,
	{ lowest, steps }: Limits,
): number {
	if (low === high) return lowest;
	const scale = steps / (fround(high - low) * (steps / (steps - 1)));
	return roundAway(value * scale) - roundAway(low * scale) + lowest;
}

/** Upstream's `FloatToQuantized`. */
export function quantized(value: number, range: Range, limits: Limits): number {
	const { lowest, highest } = limits;
	return Math.max(Math.min(unclamped(value, range, limits), highest), lowest);
}

/** Upstream's `QuantizedToFloat`. */
export function dequantized(
	value: number,
	{ low, high }: Range,
	{ lowest, steps }: Limits,
): number {
	if (low === high) return low;
	const scale = (fround(high - low) * (steps / (steps - 1))) / steps;
	const single = fround(scale);
	const start = roundAway(fround(low / single)) * single;
	return fround(start + (value - lowest) * scale);
}

/** Upstream's `FloatToQuantizedStruct` and `QUANTIZE_WITH_EIGEN`: a function of one value. */
export function quantizer(
	{ low, high }: Range,
	{ lowest, highest, steps }: Limits,
): (value: number) => number {
	const scale = low === high ? 0 : fround((steps - 1) / fround(high - low));
	const offset = fround(roundAway(fround(low * scale)) - lowest);
	const [least, most] = [
		Math.max(lowest, -2147483648),
		Math.min(highest, 2147483520),
	];
	return (value) => {
		const step = fround(roundAway(fround(value * scale)) - offset);
		return Math.min(Math.max(step, least), most);
	};
}

/** Upstream's `QuantizedToFloatStruct` and `DEQUANTIZE_WITH_EIGEN`. */
export function dequantizer(
	{ low, high }: Range,
	{ lowest, steps }: Limits,
): (value: number) => number {
	const scale = fround(fround(high - low) / (steps - 1));
	const start =
		low === high ? low : fround(roundAway(fround(low / scale)) * scale);
	const offset = fround(start - fround(lowest * scale));
	return (value) => fround(offset + fround(fround(value) * scale));
}

/** The range of products of integers: what a step of one times a step of the other is, 2^32 times. */
export function productRange(
	a: Range,
	b: Range,
	limits: readonly [Limits, Limits],
): Range {
	const [stepA, stepB] = [a, b].map(({ low, high }, i) =>
		fround(fround(high - low) / (limits[i].steps - 1)),
	);
	const step = fround(stepA * stepB);
	const { lowest, highest } = limitsOf("qint32");
	return { low: fround(step * lowest), high: fround(step * fround(highest)) };
}
