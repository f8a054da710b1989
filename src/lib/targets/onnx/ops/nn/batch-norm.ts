import { boolAttr, floatAttr } from "../../../../graph/attrs.js";
import {
	type AxisLayout,
	axisLayout,
	isChannelsLast,
} from "../../../../ops/nn/window.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { imageInput, imageOutput } from "./image-tensor.js";

/** Normalization by given statistics, or, in training, by those of the batch. Half types are normalized in float32. */
export function batchNorm(context: LowerContext): readonly OnnxValue[] {
	const { node, input, cast, scalar } = context;
	const nothing = scalar(input(1).dtype, 0);
	if (!boolAttr(node, "is_training")) {
		const given = [input(3), input(4)];
		const y = cast(inference(context), input(0).dtype);
		return [y, ...given, ...given, nothing];
	}
	const layout = axisLayout(node);
	const image = cast(imageInput(context, 0, layout), input(1).dtype);
	const { mean, variance, running } = batchStatistics(context, image, layout);
	const normalized = onnxBatchNorm(context, image, [mean, variance]);
	const y = cast(imageOutput(normalized, layout), input(0).dtype);
	return [y, ...running, mean, variance, nothing];
}

/** Where the value is not channels first yet, a product and a sum in its own order spare a transposition. */
function inference(context: LowerContext): OnnxValue {
	const { node, input, cast, isChannelsFirst } = context;
	const layout = axisLayout(node);
	const type = input(1).dtype;
	if (isChannelsLast(layout) && !isChannelsFirst(0))
		return scaled(context, cast(input(0), type));
	const image = cast(imageInput(context, 0, layout), type);
	const statistics = [input(3), input(4)];
	return imageOutput(onnxBatchNorm(context, image, statistics), layout);
}

function onnxBatchNorm(
	{ node, emit, input }: LowerContext,
	image: OnnxValue,
	statistics: readonly OnnxValue[],
): OnnxValue {
	return emit(
		"BatchNormalization",
		[image, input(1), input(2), ...statistics],
		{
			epsilon: { float: floatAttr(node, "epsilon") },
		},
	);
}

/** x · factor + (offset - mean · factor), where factor is scale / sqrt(variance + epsilon). */
function scaled(
	{ node, emit, input, scalar }: LowerContext,
	x: OnnxValue,
): OnnxValue {
	const [scale, offset, mean, variance] = [1, 2, 3, 4].map((index) =>
		input(index),
	);
	const epsilon = scalar(variance.dtype, floatAttr(node, "epsilon"));
	const deviation = emit("Sqrt", [emit("Add", [variance, epsilon])]);
	const factor = emit("Div", [scale, deviation]);
	const shift = emit("Sub", [offset, emit("Mul", [mean, factor])]);
	return emit("Add", [emit("Mul", [x, factor]), shift]);
}

interface BatchStatistics {
	readonly mean: OnnxValue;
	readonly variance: OnnxValue;
	/** What the caller gets: the variance of the population, averaged with the old statistics. */
	readonly running: readonly OnnxValue[];
}

function batchStatistics(
	context: LowerContext,
	image: OnnxValue,
	layout: AxisLayout,
): BatchStatistics {
	const { emit, ints } = context;
	const axes = ints([0, ...layout.spatial.map((_, axis) => axis + 2)]);
	const kept = emit("ReduceMean", [image, axes], { keepdims: 1 });
	const difference = emit("Sub", [image, kept]);
	const squares = emit("Mul", [difference, difference]);
	const mean = emit("ReduceMean", [image, axes], { keepdims: 0 });
	const variance = emit("ReduceMean", [squares, axes], { keepdims: 0 });
	const population = emit("Mul", [variance, besselFactor(context, image)]);
	return {
		mean,
		variance,
		running: [averaged(context, 3, mean), averaged(context, 4, population)],
	};
}

/** n / max(n - 1, 1) for n values a channel. */
function besselFactor(
	{ emit, cast, scalar }: LowerContext,
	image: OnnxValue,
): OnnxValue {
	const size = (range: OnnxAttrs) =>
		emit("ReduceProd", [emit("Shape", [image], range, { dtype: "int64" })], {
			keepdims: 0,
		});
	const count = cast(
		emit("Mul", [size({ start: 0, end: 1 }), size({ start: 2 })]),
		image.dtype,
	);
	const one = scalar(image.dtype, 1);
	return emit("Div", [count, emit("Max", [emit("Sub", [count, one]), one])]);
}

/** `exponential_avg_factor` of 1 takes the new value; the old one may then be empty. */
function averaged(
	{ node, emit, input, scalar }: LowerContext,
	index: number,
	value: OnnxValue,
): OnnxValue {
	const factor = floatAttr(node, "exponential_avg_factor");
	if (factor === 1) return value;
	return emit("Add", [
		emit("Mul", [value, scalar(value.dtype, factor)]),
		emit("Mul", [input(index), scalar(value.dtype, 1 - factor)]),
	]);
}
