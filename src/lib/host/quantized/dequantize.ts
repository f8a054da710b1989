import { boolAttr, dtypeAttr, intAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { channels } from "./channels.js";
import { dequantizer, type Limits, limitsOf, type Range } from "./range.js";

const { fround } = Math;

/** Integers as the floats that they stand for (kernels/dequantize_op.cc). */
export const dequantize: HostKernel = (node, [x, lows, highs]) => {
	const dtype = dtypeAttr(node, "dtype");
	const make = MODES[stringAttr(node, "mode")];
	const data = new Float32Array(x.data.length);
	const values = x.data as NumericArray;
	const slices = channels(x.shape, intAttr(node, "axis"), [lows, highs]);
	for (let channel = 0; channel < slices.count; channel++) {
		const range = {
			low: Number(lows.data[channel]),
			high: Number(highs.data[channel]),
		};
		const apply = make(range, limitsOf(x.dtype), node);
		slices.each(channel, (from, to) => {
			for (let i = from; i < to; i++) data[i] = apply(values[i]);
		});
	}
	return [{ dtype, shape: x.shape, data: rounded(dtype, data) }];
};

type Mode = (
	range: Range,
	limits: Limits,
	node: Node,
) => (value: number) => number;

const minCombined: Mode = ({ low, high }, { lowest, highest, steps }) => {
	const scale = fround(
		fround(high - low) / fround(fround(highest) - fround(lowest)),
	);
	const half = lowest < 0 ? steps / 2 : 0;
	return (value) => fround(fround(fround(fround(value) + half) * scale) + low);
};

const scaled: Mode = ({ low, high }, { lowest, highest }, node) => {
	const least = lowest + (boolAttr(node, "narrow_range") ? 1 : 0);
	const fromHigh = fround(high / fround(highest));
	const scale =
		lowest === 0 ? fromHigh : Math.max(fround(low / fround(least)), fromHigh);
	return (value) => fround(fround(value) * scale);
};

const MODES: Readonly<Record<string, Mode>> = {
	MIN_COMBINED: minCombined,
	MIN_FIRST: dequantizer,
	SCALED: scaled,
};
