import { Padding } from "../../../../../gen/tflite.js";
import { filterSizes } from "../../../../ops/nn/convolution.js";
import {
	axisLayout,
	imageSizes,
	type Pads,
	type Window,
	windowOf,
} from "../../../../ops/nn/window.js";
import { isStatic } from "../../../../ops/shapes.js";
import { transposedConstant } from "../../../../tensor/constant.js";
import {
	type AnyOptions,
	type LiteContext,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { inNodeOrder, isChannelsFirst, picture } from "../channels.js";
import { joined, shapeOf, sliced, transposed } from "../rows.js";

/** `Conv2DBackpropInput(sizes, filter, gradient)` and its 3-D kin; the filter [H,W,O,I] becomes [O,H,W,I]. */
export function transposedConvolution(context: LiteContext): LiteValue {
	const { node, inputs, outputs, emit } = context;
	const layout = axisLayout(node);
	const rank = layout.spatial.length;
	const { kernel, channelsIn, channelsOut } = filterSizes(
		inputs[1].shape,
		rank,
	);
	const window = windowOf(node, layout, kernel);
	const gradient = picture(context, 2);
	if (gradient.shape?.at(-1) !== channelsOut)
		throw unfit("TensorFlow Lite enlarges pictures in one group");
	if (rank === 2 && window.dilations.some((dilation) => dilation !== 1))
		throw unfit("TensorFlow Lite has no dilations here");
	const { spatial } = imageSizes(outputs[0].shape, layout);
	const { pads, padding } = paddingOf(window);
	const padded = spatial.map((size, axis) =>
		size < 0 ? -1 : size + pads[axis][0] + pads[axis][1],
	);
	const shape = [gradient.shape?.[0] ?? -1, ...padded, channelsIn];
	const filter = filterOf(context, rank);
	const made = emit(
		rank === 2 ? "TRANSPOSE_CONV" : "CONV_3D_TRANSPOSE",
		[sizesOf(context, shape, gradient), filter, gradient],
		{ dtype: gradient.dtype, shape },
		optionsOf(window, padding),
	);
	return inNodeOrder(context, cut(context, made, pads, spatial));
}

function filterOf(context: LiteContext, rank: number): LiteValue {
	if (rank === 3) return context.input(1);
	const order = [2, 0, 1, 3];
	return (
		context.derived(1, "ohwi-transposed", (constant) =>
			transposedConstant(constant, order),
		) ?? transposed(context, context.input(1), order)
	);
}

/** How much is made beyond what is asked for, and TensorFlow Lite's name for the rest. */
function paddingOf({ padding, kernel }: Window): {
	readonly pads: readonly Pads[];
	readonly padding: number;
} {
	const none = kernel.map((): Pads => [0, 0]);
	if (padding === "SAME") return { pads: none, padding: Padding.SAME };
	if (padding === "VALID") return { pads: none, padding: Padding.VALID };
	return { pads: padding, padding: Padding.VALID };
}

function optionsOf(
	{ strides, dilations }: Window,
	padding: number,
): AnyOptions {
	if (strides.length === 2) {
		const [strideH, strideW] = strides;
		return ["TransposeConvOptions", { padding, strideH, strideW }];
	}
	const [strideD, strideH, strideW] = strides;
	const [dilationDFactor, dilationHFactor, dilationWFactor] = dilations;
	return [
		"Conv3DOptions",
		{
			padding,
			strideD,
			strideH,
			strideW,
			dilationDFactor,
			dilationHFactor,
			dilationWFactor,
		},
	];
}

/** The sizes of the result: numbers that are known, and the batch of the gradient. */
function sizesOf(
	context: LiteContext,
	shape: readonly number[],
	gradient: LiteValue,
): LiteValue {
	const { ints, inputs, input, cast } = context;
	const known = shape.slice(1);
	if (isStatic(known)) {
		if (shape[0] >= 0) return ints(shape);
		const batch = sliced(context, shapeOf(context, gradient), [0], [1]);
		return joined(context, [batch, ints(known)], 0);
	}
	const isWhole = inputs[0].shape?.[0] === shape.length;
	if (!isWhole || isChannelsFirst(context))
		throw unfit("TensorFlow Lite must know the size of the picture");
	return cast(input(0), "int32");
}

/** Without the rows and columns that the forward convolution padded. */
function cut(
	context: LiteContext,
	value: LiteValue,
	pads: readonly Pads[],
	sizes: readonly number[],
): LiteValue {
	if (pads.flat().every((pad) => pad === 0)) return value;
	if (!isStatic(sizes))
		throw unfit("TensorFlow Lite must know the size of the picture");
	return sliced(
		context,
		value,
		[0, ...pads.map(([before]) => before), 0],
		[-1, ...sizes, -1],
	);
}
