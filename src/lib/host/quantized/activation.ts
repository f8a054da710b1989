import { normalizeAxis } from "../../ops/shapes.js";
import { concat } from "../../tensor/axis.js";
import type { NumericArray } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import {
	limitsOf,
	quantized,
	type Range,
	rangeOf,
	rangeTensors,
} from "./range.js";
import { inRange } from "./requantize.js";

/** Integers no lower than the one that stands for 0, and no higher than that of `most`. */
export function relu(most: number): HostKernel {
	return (_, [x, low, high]) => {
		const range = rangeOf(low, high);
		const limits = limitsOf(x.dtype);
		const least = quantized(0, range, limits);
		const highest =
			most === Infinity ? limits.highest : quantized(most, range, limits);
		const data = (x.data as NumericArray).map((value: number) =>
			Math.min(Math.max(value, least), highest),
		);
		return [{ ...x, data }, low, high];
	};
}

/** Tensors of different ranges in one that holds them all (kernels/quantized_concat_op.cc). */
export function joining(axisFirst: boolean): HostKernel {
	return (_, inputs) => {
		const count = (inputs.length - 1) / 3;
		const [axis] = axisFirst ? inputs : inputs.slice(count);
		const start = axisFirst ? 1 : 0;
		const values = inputs.slice(start, start + count);
		const [lows, highs] = [
			inputs.slice(count + 1, 2 * count + 1),
			inputs.slice(2 * count + 1),
		];
		const ranges = lows.map((low, i) => rangeOf(low, highs[i]));
		const whole = jointRange(ranges, values[0]);
		const moved = values.map((value, i) => {
			const { low, high } = ranges[i];
			const isSame = low === whole.low && high === whole.high;
			return isSame ? value : inRange(value, ranges[i], value.dtype, whole);
		});
		const rank = values[0].shape.length;
		const place = normalizeAxis(Number(axis.data[0]), rank);
		return [concat(moved, place), ...rangeTensors(whole)];
	};
}

/** Signed integers stand for as much on either side of 0. */
function jointRange(ranges: readonly Range[], { dtype }: Tensor): Range {
	const low = Math.min(...ranges.map((range) => range.low));
	const high = Math.max(...ranges.map((range) => range.high));
	if (dtype.startsWith("qu")) return { low, high };
	const largest = Math.max(Math.abs(low), Math.abs(high));
	return { low: -largest, high: largest };
}
