import { floatAttr, intAttr, stringAttr } from "../../../../graph/attrs.js";
import type { normalizationOps } from "../../../../ops/nn/normalization.js";
import { elementwise } from "../../elementwise.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { batchNorm } from "./batch-norm.js";

export const normalizationLowerings: LoweringTable<typeof normalizationOps> = {
	BiasAdd: biasAdd,
	FusedBatchNorm: batchNorm,
	FusedBatchNormV2: batchNorm,
	FusedBatchNormV3: batchNorm,
	LRN: localResponse,
	Softmax: ({ emit, input }) => emit("Softmax", [input(0)], { axis: -1 }),
	LogSoftmax: ({ emit, input }) => emit("LogSoftmax", [input(0)], { axis: -1 }),
};

/** NCHW may have any rank here: the channels are axis 1. */
function biasAdd(context: LowerContext): OnnxValue {
	const { node, inputs, emit, input, ints } = context;
	const rank = inputs[0].shape?.length;
	if (stringAttr(node, "data_format") === "NHWC" || rank === 2)
		return elementwise(context, "Add");
	if (rank === undefined) return emit("Add", [input(0), behindBatch(context)]);
	const axes = Array.from({ length: rank - 2 }, (_, i) => i + 1);
	const bias = emit("Unsqueeze", [input(1), ints(axes)]);
	return emit("Add", [input(0), bias]);
}

/** The bias with as many axes of size 1 behind it as the value has behind its channels. */
function behindBatch({ emit, input, ints }: LowerContext): OnnxValue {
	const sizes = emit("Shape", [input(0)], { start: 2 }, { dtype: "int64" });
	const ones = emit("Expand", [
		ints([1]),
		emit("Shape", [sizes], {}, { dtype: "int64" }),
	]);
	return emit("Reshape", [
		input(1),
		emit("Concat", [ints([-1]), ones], { axis: 0 }),
	]);
}

/** ONNX divides alpha by the size of the window, TensorFlow does not. */
function localResponse({ node, emit, channelsFirst }: LowerContext): OnnxValue {
	const size = 2 * intAttr(node, "depth_radius") + 1;
	const output = emit("LRN", [channelsFirst(0, 4)], {
		size,
		alpha: { float: floatAttr(node, "alpha") * size },
		beta: { float: floatAttr(node, "beta") },
		bias: { float: floatAttr(node, "bias") },
	});
	return { ...output, channelsFirst: true };
}
