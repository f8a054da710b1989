import { boolAttr, floatAttr, intAttr } from "../../../../graph/attrs.js";
import type { normalizationOps } from "../../../../ops/nn/normalization.js";
import {
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { isChannelsFirst } from "../channels.js";
import { binary, reshaped, unary } from "../rows.js";

/** One number a channel. */
const bias: LiteLowering = (context) => {
	const { inputs, input } = context;
	if (!isFirst(context.node.attrs.data_format))
		return binary(context, "ADD", input(0), input(1));
	const rank = inputs[0].shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow Lite must know how many axes the picture has");
	const axes = [-1, ...new Array<number>(rank - 2).fill(1)];
	return binary(context, "ADD", input(0), reshaped(context, input(1), axes));
};

/** `x · factor + shift` with what is known after training; the statistics are returned as they came. */
const batchNorm: LiteLowering = (context) => {
	const { node, input, isUsed, scalar } = context;
	if (boolAttr(node, "is_training"))
		throw unfit("TensorFlow Lite normalizes with given statistics only");
	if (node.outputs.some((_, i) => i > 4 && isUsed(i)))
		throw unfit("what it reserves for gradients is used");
	const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => input(i));
	const epsilon = scalar("float32", floatAttr(node, "epsilon"));
	const spread = unary(
		context,
		"RSQRT",
		binary(context, "ADD", variance, epsilon),
	);
	const factor = binary(context, "MUL", scale, spread);
	const shift = binary(
		context,
		"SUB",
		offset,
		binary(context, "MUL", mean, factor),
	);
	const spatial = isChannelsFirst(context)
		? new Array<number>((context.inputs[0].shape?.length ?? 4) - 2).fill(1)
		: [];
	const perChannel = (value: LiteValue) =>
		spatial.length === 0 ? value : reshaped(context, value, [-1, ...spatial]);
	const scaled = binary(
		context,
		"MUL",
		context.cast(input(0), "float32"),
		perChannel(factor),
	);
	const normal = context.cast(
		binary(context, "ADD", scaled, perChannel(shift)),
		context.inputs[0].dtype,
	);
	return [normal, mean, variance, mean, variance, variance];
};

const localResponse: LiteLowering = ({ node, emit, input }) =>
	emit("LOCAL_RESPONSE_NORMALIZATION", [input(0)], input(0), [
		"LocalResponseNormalizationOptions",
		{
			radius: intAttr(node, "depth_radius"),
			bias: floatAttr(node, "bias"),
			alpha: floatAttr(node, "alpha"),
			beta: floatAttr(node, "beta"),
		},
	]);

const softmax: LiteLowering = ({ emit, input }) =>
	emit("SOFTMAX", [input(0)], input(0), ["SoftmaxOptions", { beta: 1 }]);

const logSoftmax: LiteLowering = ({ emit, input }) =>
	emit("LOG_SOFTMAX", [input(0)], input(0));

function isFirst(format: unknown): boolean {
	return String(format ?? "").startsWith("NC");
}

export const normalizationRows: LiteTable<typeof normalizationOps> = {
	BiasAdd: bias,
	FusedBatchNorm: batchNorm,
	FusedBatchNormV2: batchNorm,
	FusedBatchNormV3: batchNorm,
	LRN: localResponse,
	Softmax: softmax,
	LogSoftmax: logSoftmax,
};
