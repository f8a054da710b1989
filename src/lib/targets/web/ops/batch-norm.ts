import { boolAttr, floatAttr } from "../../../graph/attrs.js";
import { unfit } from "../arithmetic.js";
import { bool, float, type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { channelsLast } from "./channels.js";
import { countTo } from "./counting.js";

/** The statistics are given and returned as they came, or those of the batch. */
export const batchNorm: WebLowering = (context) => {
	const { node, input, isUsed } = context;
	if (node.outputs.some((_, i) => i > 4 && isUsed(i)))
		throw unfit("what it reserves for gradients is used");
	if (boolAttr(node, "is_training")) return inTraining(context);
	const [normal] = channelsLast(context, 0, (picture) => [
		normalized(context, picture, input(3), input(4)),
	]);
	return [normal, input(3), input(4), input(3), input(4), input(4)];
};

const inTraining: WebLowering = (context) => {
	const { emit, scalar } = context;
	const [normal, mean, variance] = channelsLast(context, 0, (picture) => {
		const last = emit("Sub", [emit("Rank", [picture]), scalar(1)]);
		const places = countTo(context, last);
		const average = (value: WebValue) =>
			emit("Mean", [value, places], { keep_dims: bool(false) });
		const mean = average(picture);
		const squares = emit("SquaredDifference", [picture, mean]);
		const variance = average(squares);
		return [
			normalized(context, picture, mean, variance),
			running(context, 3, mean),
			running(
				context,
				4,
				emit("Mul", [variance, ofPopulation(context, picture, mean)]),
			),
		];
	});
	return [normal, mean, variance, mean, variance, variance];
};

function normalized(
	{ node, emit, input }: WebContext,
	picture: WebValue,
	mean: WebValue,
	variance: WebValue,
): WebValue {
	return emit(
		"FusedBatchNormV3",
		[picture, input(1), input(2), mean, variance],
		{
			epsilon: float(floatAttr(node, "epsilon")),
		},
	);
}

/** n / max(n - 1, 1) for n values a channel: the variance of what the batch is a sample of. */
function ofPopulation(
	{ emit, scalar }: WebContext,
	picture: WebValue,
	mean: WebValue,
): WebValue {
	const count = emit(
		"Cast",
		[emit("FloorDiv", [emit("Size", [picture]), emit("Size", [mean])])],
		{ DstT: type("float32") },
	);
	const one = scalar(1, "float32");
	return emit("RealDiv", [
		count,
		emit("Maximum", [emit("Sub", [count, one]), one]),
	]);
}

/** `exponential_avg_factor` of 1 takes the new value; the old one may then be empty. */
function running(
	{ node, emit, input, scalar }: WebContext,
	index: number,
	value: WebValue,
): WebValue {
	const factor = Number(node.attrs.exponential_avg_factor ?? 1);
	if (factor === 1) return value;
	return emit("AddV2", [
		emit("Mul", [value, scalar(factor, "float32")]),
		emit("Mul", [input(index), scalar(1 - factor, "float32")]),
	]);
}
