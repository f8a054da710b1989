import { fail } from "../../errors.js";
import {
	boolAttr,
	dtypeAttr,
	floatAttr,
	intAttr,
	stringAttr,
} from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { channels } from "./channels.js";
import {
	type Limits,
	limitsOf,
	quantizer,
	type Range,
	roundAway,
} from "./range.js";

const { fround } = Math;

/** How values become integers, and the range that those stand for. */
interface Quantization {
	readonly range: Range;
	readonly apply: (value: number) => number;
}

/** Floats as integers (kernels/quantize_op.cc), in one of three modes. */
export const quantize: HostKernel = (node, [x, lows, highs]) => {
	const dtype = dtypeAttr(node, "T");
	const make = MODES[stringAttr(node, "mode")];
	const data = allocate(dtype, x.data.length) as NumericArray;
	const values = x.data as Float32Array;
	const slices = channels(x.shape, intAttr(node, "axis"), [lows, highs]);
	const results = Array.from({ length: slices.count }, (_, channel) => {
		const given = widened(node, lows, highs, channel);
		const { range, apply } = make(given, limitsOf(dtype), node);
		slices.each(channel, (from, to) => {
			for (let i = from; i < to; i++) data[i] = apply(values[i]);
		});
		return range;
	});
	const ends = (of: (range: Range) => number): Tensor => ({
		dtype: "float32",
		shape: slices.isWhole ? [] : [slices.count],
		data: Float32Array.from(results, of),
	});
	const output: Tensor = { dtype, shape: x.shape, data };
	return [output, ends(({ low }) => low), ends(({ high }) => high)];
};

/** A range holds zero and is never nothing. Fails with INVALID where its ends are exchanged. */
function widened(
	node: Node,
	lows: Tensor,
	highs: Tensor,
	channel: number,
): Range {
	const [low, high] = [Number(lows.data[channel]), Number(highs.data[channel])];
	if (high < low)
		throw fail(
			"INVALID",
			`cannot quantize to a range from ${low} to ${high}: the first number is the larger one`,
		);
	const from = Math.min(0, low);
	const least = fround(
		Math.max(1, Math.abs(low), Math.abs(high)) *
			floatAttr(node, "ensure_minimum_range"),
	);
	return { low: from, high: Math.max(0, high, fround(from + least)) };
}

type Mode = (range: Range, limits: Limits, node: Node) => Quantization;

const minCombined: Mode = (range, { lowest, highest, steps }) => {
	const { low, high } = range;
	const scale = fround(fround(highest - lowest) / fround(high - low));
	const scaled = (value: number) =>
		fround(fround(Math.max(Math.min(value, high), low) - low) * scale);
	return {
		range,
		apply:
			lowest < 0
				? (value) => held(roundAway(fround(scaled(value) - steps / 2)))
				: (value) => Math.trunc(fround(scaled(value) + 0.5)),
	};
};

const minFirst: Mode = (range, limits) => ({
	range,
	apply: quantizer(range, limits),
});

/** Zero stays zero; the side that needs the larger steps decides. */
const scaled: Mode = ({ low, high }, { lowest, highest }, node) => {
	const least = lowest + (boolAttr(node, "narrow_range") ? 1 : 0);
	const scaleOf = (step: number, value: number) =>
		step * value > 0 ? fround(fround(step) / value) : Infinity;
	const scale = Math.min(scaleOf(least, low), scaleOf(highest, high));
	const range = {
		low: fround(fround(least) / scale),
		high: fround(fround(highest) / scale),
	};
	const isToEven = stringAttr(node, "round_mode") === "HALF_TO_EVEN";
	const round = isToEven ? roundToEven : roundAway;
	return {
		range,
		apply: (value) => {
			const kept = Math.max(Math.min(value, range.high), range.low);
			return held(round(fround(kept * scale)));
		},
	};
};

const MODES: Readonly<Record<string, Mode>> = {
	MIN_COMBINED: minCombined,
	MIN_FIRST: minFirst,
	SCALED: scaled,
};

/** A float beyond the integers of 32 bits becomes the lowest one, as on x86 processors. */
function held(value: number): number {
	return value >= 2 ** 31 ? -(2 ** 31) : value;
}

function roundToEven(value: number): number {
	const rounded = Math.round(value);
	return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
