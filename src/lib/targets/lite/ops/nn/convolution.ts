import { stringsAttr } from "../../../../graph/attrs.js";
import {
	type convolutionOps,
	filterSizes,
} from "../../../../ops/nn/convolution.js";
import {
	axisLayout,
	imageSizes,
	type Window,
	windowedSizes,
	windowOf,
} from "../../../../ops/nn/window.js";
import {
	reshapedConstant,
	transposedConstant,
} from "../../../../tensor/constant.js";
import { allocate } from "../../../../tensor/tensor.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { activated } from "../activation.js";
import { inNodeOrder, picture } from "../channels.js";
import { joined, reshaped, shapeOf, sliced, transposed } from "../rows.js";
import { convolving, type Slid, slid } from "./padding.js";
import { transposedConvolution } from "./transposed-convolution.js";

export const convolutionRows: LiteTable<typeof convolutionOps> = {
	Conv2D: plain(dense),
	Conv3D: plain(solid),
	DepthwiseConv2dNative: plain(depthwise),
	Conv2DBackpropInput: transposedConvolution,
	Conv3DBackpropInputV2: transposedConvolution,
	_FusedConv2D: fused(dense),
	_FusedConv3D: fused(solid),
	_FusedDepthwiseConv2dNative: fused(depthwise),
	FusedDepthwiseConv2dNative: fused(depthwise),
};

/** Convolves input 0 with input 1, and adds a bias for each channel; channels last. */
type Convolve = (context: LiteContext, bias?: LiteValue) => LiteValue;

function plain(convolve: Convolve): LiteLowering {
	return (context) => inNodeOrder(context, convolve(context));
}

function fused(convolve: Convolve): LiteLowering {
	return (context) => {
		const [first, ...rest] = stringsAttr(context.node, "fused_ops");
		const hasBias = first === "BiasAdd";
		const product = convolve(context, hasBias ? context.input(2) : undefined);
		const steps = hasBias || first === undefined ? rest : [first, ...rest];
		return inNodeOrder(
			context,
			activated(context, product, steps, hasBias ? 3 : 2),
		);
	};
}

/** HWIO → OHWI. */
function dense(context: LiteContext, bias?: LiteValue): LiteValue {
	const { inputs, emit } = context;
	const window = windowFor(context, 2);
	const { kernel, channelsOut } = filterSizes(inputs[1].shape, 2);
	const from = slidOver(context, window);
	const filter =
		context.derived(1, "ohwi", (constant) =>
			transposedConstant(constant, [3, 0, 1, 2]),
		) ?? transposed(context, context.input(1), [3, 0, 1, 2]);
	const [strideH, strideW] = window.strides;
	const [dilationHFactor, dilationWFactor] = window.dilations;
	return emit(
		"CONV_2D",
		[from.value, filter, bias ?? zeros(context, channelsOut)],
		{
			dtype: from.value.dtype,
			shape: slidShape(from.value, { ...from.window, kernel }, channelsOut),
		},
		[
			"Conv2DOptions",
			{
				padding: from.padding,
				strideH,
				strideW,
				dilationHFactor,
				dilationWFactor,
			},
		],
	);
}

/** [H,W,C,M] → [1,H,W,C·M], which are the same elements in the same order. */
function depthwise(context: LiteContext, bias?: LiteValue): LiteValue {
	const { inputs, emit } = context;
	const filterShape = inputs[1].shape ?? [-1, -1, -1, -1];
	const [, , channels, depthMultiplier] = filterShape;
	const isOpen = channels < 0 || depthMultiplier < 0;
	const channelsOut = isOpen ? -1 : channels * depthMultiplier;
	const window = windowFor(context, 2);
	const from = slidOver(context, window);
	const filter = depthwiseFilter(context, filterShape, channelsOut);
	const [strideH, strideW] = window.strides;
	const [dilationHFactor, dilationWFactor] = window.dilations;
	return emit(
		"DEPTHWISE_CONV_2D",
		[from.value, filter, bias ?? zeros(context, channelsOut, filter)],
		{
			dtype: from.value.dtype,
			shape: slidShape(from.value, from.window, channelsOut),
		},
		[
			"DepthwiseConv2DOptions",
			{
				padding: from.padding,
				strideH,
				strideW,
				// kernels find it by the shapes
				depthMultiplier: Math.max(depthMultiplier, 0),
				dilationHFactor,
				dilationWFactor,
			},
		],
	);
}

/** [1,H,W,C·M] of a filter whose sizes a run may decide. */
function depthwiseFilter(
	context: LiteContext,
	[height, width, channels, multiplier]: readonly number[],
	channelsOut: number,
): LiteValue {
	const { input, emit, ints } = context;
	const shape = [1, height, width, channelsOut];
	const open = [height, width, channelsOut].filter((size) => size < 0).length;
	if (open === 0 && channels >= 0 && multiplier >= 0)
		return (
			context.derived(1, "1hwo", (constant) =>
				reshapedConstant(constant, shape),
			) ?? reshaped(context, input(1), shape)
		);
	if (open === 1) return reshaped(context, input(1), shape);
	const window = sliced(context, shapeOf(context, input(1)), [0], [2]);
	const sizes = joined(context, [ints([1]), window, ints([-1])], 0);
	return emit("RESHAPE", [input(1), sizes], { dtype: input(1).dtype, shape });
}

/** Filters as TensorFlow has them: DHWIO. */
function solid(context: LiteContext, bias?: LiteValue): LiteValue {
	const { inputs, emit, input } = context;
	const window = windowFor(context, 3);
	const { channelsIn, channelsOut } = filterSizes(inputs[1].shape, 3);
	const channels = imageSizes(
		inputs[0].shape,
		axisLayout(context.node),
	).channels;
	if (channels >= 0 && channelsIn >= 0 && channels !== channelsIn)
		throw unfit("TensorFlow Lite convolves volumes in one group");
	const from = slidOver(context, window);
	const [strideD, strideH, strideW] = window.strides;
	const [dilationDFactor, dilationHFactor, dilationWFactor] = window.dilations;
	return emit(
		"CONV_3D",
		[from.value, input(1), bias],
		{
			dtype: from.value.dtype,
			shape: slidShape(from.value, from.window, channelsOut),
		},
		[
			"Conv3DOptions",
			{
				padding: from.padding,
				strideD,
				strideH,
				strideW,
				dilationDFactor,
				dilationHFactor,
				dilationWFactor,
			},
		],
	);
}

function slidOver(context: LiteContext, window: Window): Slid {
	const value = picture(context, 0);
	return slid(context, value, convolving(window, value));
}

function windowFor({ node, inputs }: LiteContext, rank: number): Window {
	if (inputs[1].shape?.includes(0)) throw unfit("its filter has no elements");
	return windowOf(
		node,
		axisLayout(node),
		filterSizes(inputs[1].shape, rank).kernel,
	);
}

/** Kernels want a bias, of as many zeros as a filter that comes at run time has channels. */
function zeros(
	context: LiteContext,
	count: number,
	filter = context.input(1),
): LiteValue {
	const { weight, inputs, emit, scalar } = context;
	const { dtype } = inputs[0];
	if (count >= 0)
		return weight({ dtype, shape: [count], data: allocate(dtype, count) });
	const last = (inputs[1].shape?.length ?? 4) - 1;
	const channels = sliced(context, shapeOf(context, filter), [last], [1]);
	return emit("FILL", [channels, scalar(dtype, 0)], { dtype, shape: [-1] });
}

/** [N, …, C] after a window slid over a picture with its channels last. */
export function slidShape(
	{ shape }: LiteValue,
	window: Window,
	channels: number,
): LiteValue["shape"] {
	if (shape === undefined) return undefined;
	return [shape[0], ...windowedSizes(window, shape.slice(1, -1)), channels];
}
