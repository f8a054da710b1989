import { fail } from "../../errors.js";
import { dtypeAttr } from "../../graph/attrs.js";
import type { DType, NumericArray } from "../../tensor/dtype.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import {
	dequantized,
	dequantizer,
	limitsOf,
	quantizer,
	type Range,
	rangeOf,
	rangeTensors,
} from "./range.js";

const { fround } = Math;

/** Integers of one range as those of another, which is given (kernels/requantize.cc). */
export const requantize: HostKernel = (
	node,
	[x, low, high, newLow, newHigh],
) => {
	const range = rangeOf(newLow, newHigh);
	if (!(range.low <= 0 && range.high >= 0))
		throw fail(
			"INVALID",
			`cannot requantize to a range from ${range.low} to ${range.high}: wanted one that holds 0`,
		);
	const dtype = dtypeAttr(node, "out_type");
	return [inRange(x, rangeOf(low, high), dtype, range), ...rangeTensors(range)];
};

/** As `requantize`, to the range of the values. */
export const shrinkRange: HostKernel = (node, [x, low, high]) => {
	const range = rangeOf(low, high);
	const used = usedRange(x, range);
	const dtype = dtypeAttr(node, "out_type");
	return [inRange(x, range, dtype, used), ...rangeTensors(used)];
};

/** The range that the values use. */
export const requantizationRange: HostKernel = (_, [x, low, high]) =>
	rangeTensors(usedRange(x, rangeOf(low, high)));

/** From 0 or less. */
function usedRange({ data, dtype }: Tensor, range: Range): Range {
	const limits = limitsOf(dtype);
	let [least, most] = [limits.highest, limits.lowest];
	for (const value of data as NumericArray) {
		if (value < least) least = value;
		if (value > most) most = value;
	}
	return {
		low: Math.min(0, dequantized(least, range, limits)),
		high: dequantized(most, range, limits),
	};
}

/** Integers of one range as those of another, upstream's `RequantizeManyInNewRangeUsingEigen`. */
export function inRange(
	x: Tensor,
	from: Range,
	dtype: DType,
	to: Range,
): Tensor {
	const values = x.data as NumericArray;
	const data = allocate(dtype, values.length) as NumericArray;
	const apply =
		x.dtype === "qint32" && dtype === "quint8"
			? fixedPoint(from, to)
			: throughFloats(from, to, x.dtype, dtype);
	for (let i = 0; i < values.length; i++) data[i] = apply(values[i]);
	return { dtype, shape: x.shape, data };
}

function throughFloats(from: Range, to: Range, given: DType, wanted: DType) {
	const toFloat = dequantizer(from, limitsOf(given));
	const toInteger = quantizer(to, limitsOf(wanted));
	return (value: number) => toInteger(toFloat(value));
}

/** Integers of 64 bits with 16 of fraction, as upstream makes 8 bits of 32. */
function fixedPoint(from: Range, to: Range): (value: number) => number {
	const inputs = fround(from.high - from.low);
	const outputs = fround(to.high - to.low);
	const middle = fround((from.low + from.high) / 2);
	const isPoint = outputs === 0;
	const one = 2 ** 16;
	const scale = isPoint ? 0n : whole((255 * one * inputs) / outputs);
	const inverse = isPoint ? 0 : fround(255 / outputs);
	const inputOffset = whole(fround(fround(middle * inverse) * one));
	const outputOffset = isPoint ? 0n : whole((one * (to.low * 255)) / outputs);
	const offset = inputOffset - outputOffset + BigInt(one / 2);
	return (value) => {
		// what does not fit wraps
		const product = BigInt.asIntN(64, BigInt(value) * scale);
		const moved = (product >> 32n) + offset;
		return Math.min(Math.max(Number(moved >> 16n), 0), 255);
	};
}

function whole(value: number): bigint {
	return BigInt(Math.trunc(value));
}
