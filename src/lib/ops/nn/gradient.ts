import { fail } from "../../errors.js";
import { boolAttr, floatAttr, stringAttr } from "../../graph/attrs.js";
import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { castTo, formula } from "../formula.js";
import { isStatic, shapeFromInput } from "../shapes.js";

const ofInput: InferRule = ({ inputs: [input] }) => [input];

const ofShape: InferRule = (context) => [
	{ dtype: context.inputs[1].dtype, shape: shapeFromInput(context, 0) },
];

/** Gradients by inputs, as models have them that explain what they saw (saliency, Grad-CAM). */
export const gradientOps = {
	MaxPoolGrad: primitive(ofInput),
	MaxPool3DGrad: primitive(ofInput),
	AvgPoolGrad: primitive(ofShape),
	AvgPool3DGrad: primitive(ofShape),
	BiasAddGrad: composite((context) => [
		context.types[0].shape === undefined
			? channelSumsOfAnyRank(context)
			: channelSums(context, context.inputs[0], context.types[0].dtype),
	]),
	FusedBatchNormGrad: composite(expandBatchNormGrad),
	FusedBatchNormGradV2: composite(expandBatchNormGrad),
	FusedBatchNormGradV3: composite(expandBatchNormGrad),
	DepthwiseConv2dNativeBackpropInput: composite(expandDepthwise),
} as const satisfies Record<string, OpEntry>;

function channelAxis({ node, types }: ExpandContext): number {
	const rank = types[0].shape?.length ?? 4;
	return stringAttr(node, "data_format").startsWith("NC") ? 1 : rank - 1;
}

/** The same where the axes are known only when it runs, as in the body of a loop. */
function channelSumsOfAnyRank(context: ExpandContext): ValueName {
	const { node, inputs, types, add, scalar } = context;
	const T = types[0].dtype;
	const one = scalar("int32", 1);
	const rank = add("Rank", [inputs[0]], { T });
	const range = (from: ValueName, to: ValueName) =>
		add("Range", [from, to, one], { Tidx: "int32" });
	const first = scalar("int32", 0);
	const axes = stringAttr(node, "data_format").startsWith("NC")
		? add(
				"ConcatV2",
				[range(first, one), range(scalar("int32", 2), rank), first],
				{ N: 2, T: "int32", Tidx: "int32" },
			)
		: range(first, add("Sub", [rank, one], { T: "int32" }));
	return add("Sum", [inputs[0], axes], { T, Tidx: "int32", keep_dims: false });
}

/** The sum over all axes but that of the channels. */
function channelSums(
	context: ExpandContext,
	value: ValueName,
	T: DType,
): ValueName {
	const channels = channelAxis(context);
	const axes = (context.types[0].shape ?? [0, 0, 0, 0])
		.map((_, axis) => axis)
		.filter((axis) => axis !== channels);
	return context.add(
		"Sum",
		[
			value,
			context.constantOf(tensorFromNumbers("int32", [axes.length], axes)),
		],
		{ T, Tidx: "int32", keep_dims: false },
	);
}

/**
 * By image, scale and offset (kernels/fused_batch_norm_op.cc), in single precision. A batch that made its own statistics
 * changes them too: what of the gradient goes along with the mean and the variance is taken out.
 */
function expandBatchNormGrad(context: ExpandContext): readonly ValueName[] {
	const { node, inputs, types, constantOf } = context;
	const { dtype } = types[0];
	const T: DType = "float32";
	const math = formula(context, T);
	const [gradient, x] = inputs
		.slice(0, 2)
		.map((value) => castTo(context, value, dtype, T));
	const [scale, mean, variance] = inputs
		.slice(2, 5)
		.map((value) => besideChannels(context, value));
	const invert = math.of(
		"Rsqrt",
		math.add(variance, floatAttr(node, "epsilon")),
	);
	const centred = math.sub(x, mean);
	const offsetGradient = channelSums(context, gradient, T);
	const products = channelSums(context, math.mul(gradient, centred), T);
	const scaleGradient = math.mul(products, flat(context, invert));
	const rest = boolAttr(node, "is_training")
		? math.sub(
				math.sub(gradient, meanOf(context, gradient, offsetGradient)),
				math.mul(
					centred,
					math.mul(
						meanOf(context, gradient, products),
						math.mul(invert, invert),
					),
				),
			)
		: gradient;
	const none = constantOf(tensorFromNumbers(T, [0], []));
	return [
		castTo(context, math.mul(rest, math.mul(scale, invert)), T, dtype),
		scaleGradient,
		offsetGradient,
		none,
		none,
	];
}

/** A vector, one number a channel, in a shape that broadcasts with the image. */
function besideChannels(context: ExpandContext, value: ValueName): ValueName {
	const { add, constantOf, types } = context;
	const rank = types[0].shape?.length ?? 4;
	const channels = channelAxis(context);
	if (channels === rank - 1) return value;
	const sizes = Array.from({ length: rank }, (_, axis) =>
		axis === channels ? -1 : 1,
	);
	return add(
		"Reshape",
		[value, constantOf(tensorFromNumbers("int32", [rank], sizes))],
		{ T: "float32", Tshape: "int32" },
	);
}

function flat({ add, constantOf }: ExpandContext, value: ValueName): ValueName {
	return add(
		"Reshape",
		[value, constantOf(tensorFromNumbers("int32", [1], [-1]))],
		{ T: "float32", Tshape: "int32" },
	);
}

/** A channel's sum by the number of its pixels. */
function meanOf(
	context: ExpandContext,
	image: ValueName,
	sums: ValueName,
): ValueName {
	const { add } = context;
	const attrs = { T: "float32", out_type: "int32" };
	const pixels = formula(context, "int32").floorDiv(
		add("Size", [image], attrs),
		add("Size", [sums], attrs),
	);
	const count = castTo(context, pixels, "int32", "float32");
	return besideChannels(context, formula(context, "float32").div(sums, count));
}

/** A filter [H,W,C,M] is one of C groups: [H,W,1,C·M]. */
function expandDepthwise({
	node,
	inputs: [sizes, filter, gradient],
	types,
	add,
	constantOf,
}: ExpandContext): readonly ValueName[] {
	const shape = types[1].shape;
	if (!isStatic(shape))
		throw fail(
			"UNSUPPORTED",
			"cannot expand the gradient of a depthwise convolution: the filter's shape is not known",
		);
	const [height, width, channels, multiplier] = shape;
	const wanted = [height, width, 1, channels * multiplier];
	const { T } = node.attrs;
	const grouped = add(
		"Reshape",
		[filter, constantOf(tensorFromNumbers("int32", [4], wanted))],
		{ T, Tshape: "int32" },
	);
	return [
		add("Conv2DBackpropInput", [sizes, grouped, gradient], {
			...node.attrs,
			use_cudnn_on_gpu: false,
		}),
	];
}
