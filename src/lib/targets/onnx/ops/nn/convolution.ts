import { fail } from "../../../../errors.js";
import {
	type convolutionOps,
	filterSizes,
} from "../../../../ops/nn/convolution.js";
import {
	type AxisLayout,
	axisLayout,
	imageSizes,
	type Window,
	windowOf,
} from "../../../../ops/nn/window.js";
import {
	reshapedConstant,
	transposedConstant,
} from "../../../../tensor/constant.js";
import { showShape } from "../../../../tensor/tensor.js";
import { kernelType } from "../../kernels.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { applyFusedSteps, fusedSteps } from "./fused.js";
import { groupsConvolution } from "./groups-convolution.js";
import { imageInput, imageOutput, permuted } from "./image-tensor.js";
import { padded } from "./padding.js";
import { tapConvolution } from "./tap-convolution.js";
import { transposedConvolution } from "./transposed-convolution.js";

export const convolutionLowerings: LoweringTable<typeof convolutionOps> = {
	Conv2D: (context) => plain(context, denseConvolution),
	Conv3D: (context) => plain(context, denseConvolution),
	DepthwiseConv2dNative: (context) => plain(context, depthwiseConvolution),
	Conv2DBackpropInput: transposedConvolution,
	Conv3DBackpropInputV2: transposedConvolution,
	_FusedConv2D: (context) => fused(context, denseConvolution),
	_FusedConv3D: (context) => fused(context, denseConvolution),
	_FusedDepthwiseConv2dNative: (context) =>
		fused(context, depthwiseConvolution),
	FusedDepthwiseConv2dNative: (context) => fused(context, depthwiseConvolution),
};

/** Convolves input 0 with input 1, and adds a bias for each channel; channels behind the batch. */
type Convolution = (
	context: LowerContext,
	layout: AxisLayout,
	bias?: OnnxValue,
) => OnnxValue;

function plain(context: LowerContext, convolve: Convolution): OnnxValue {
	const layout = axisLayout(context.node);
	refuseEmptyFilter(context);
	return imageOutput(convolve(context, layout), layout);
}

function fused(context: LowerContext, convolve: Convolution): OnnxValue {
	const layout = axisLayout(context.node);
	refuseEmptyFilter(context);
	const steps = fusedSteps(context);
	const product = convolve(context, layout, steps.bias);
	const output = applyFusedSteps(context, product, steps, (index) =>
		imageInput(context, index, layout),
	);
	return imageOutput(output, layout);
}

/** ONNX Runtime never comes back from some filters of no elements, and divides by the channels of others. */
function refuseEmptyFilter({ inputs }: LowerContext): void {
	const { shape } = inputs[1];
	if (shape?.includes(0))
		throw fail(
			"UNSUPPORTED",
			`cannot lower a convolution: its filter of shape ${showShape(shape)} has no elements`,
		);
}

function denseConvolution(
	context: LowerContext,
	layout: AxisLayout,
	bias?: OnnxValue,
): OnnxValue {
	const rank = layout.spatial.length + 2;
	const { channelsIn, channelsOut, kernel } = filterSizes(
		context.inputs[1].shape,
		rank - 2,
	);
	const { channels } = imageSizes(context.inputs[0].shape, layout);
	const group =
		channels > 0 && channelsIn > 0 ? channels / channelsIn : undefined;
	const window = windowOf(context.node, layout, kernel);
	if (needsTaps(context)) {
		if (group === undefined)
			throw fail(
				"UNSUPPORTED",
				"cannot lower a convolution: the number of channels is not known",
			);
		const sizes = { group, channelsIn, channelsOut };
		return tapConvolution(context, layout, window, sizes, bias);
	}
	const spatial = layout.spatial.map((_, axis) => axis);
	const filter = permuted(context, 1, [rank - 1, rank - 2, ...spatial]);
	return convolution(context, layout, window, { filter, group, bias });
}

/** [H,W,C,M] is, for ONNX, C groups of one channel with M filters each: [C·M,1,H,W]. */
function depthwiseConvolution(
	context: LowerContext,
	layout: AxisLayout,
	bias?: OnnxValue,
): OnnxValue {
	const sizes = filterSizes(context.inputs[1].shape, 2);
	const { channels } = imageSizes(context.inputs[0].shape, layout);
	const group = sizes.channelsIn >= 0 ? sizes.channelsIn : channels;
	if (group < 0)
		throw fail(
			"UNSUPPORTED",
			"cannot lower a depthwise convolution: the number of channels is not known",
		);
	const window = windowOf(context.node, layout, sizes.kernel);
	if (needsTaps(context)) {
		const channelsOut = group * sizes.channelsOut;
		const grouped = { group, channelsIn: 1, channelsOut };
		return tapConvolution(context, layout, window, grouped, bias);
	}
	const filter = depthwiseFilter(context);
	return convolution(context, layout, window, { filter, group, bias });
}

function depthwiseFilter({
	derived,
	emit,
	input,
	ints,
}: LowerContext): OnnxValue {
	const perm = [3, 2, 0, 1];
	const constant = derived(1, "depthwise", (filter) => {
		const [height, width, channels, multiplier] = filter.shape;
		const shape = [height, width, 1, channels * multiplier];
		return transposedConstant(reshapedConstant(filter, shape), perm);
	});
	if (constant !== undefined) return constant;
	// 0 copies a size
	const flat = emit("Reshape", [input(1), ints([0, 0, 1, -1])]);
	return emit("Transpose", [flat], { perm });
}

interface Operands {
	readonly filter: OnnxValue;
	/** How many groups of channels there are; `undefined` if it shows only at run time. */
	readonly group: number | undefined;
	readonly bias: OnnxValue | undefined;
}

function convolution(
	context: LowerContext,
	layout: AxisLayout,
	window: Window,
	{ filter, group, bias }: Operands,
): OnnxValue {
	const { spatial } = imageSizes(context.inputs[0].shape, layout);
	const { image, attrs } = padded(
		context,
		imageInput(context, 0, layout),
		window,
		spatial,
	);
	const { strides, dilations } = window;
	const slide = { ...attrs, strides, dilations };
	if (group === undefined)
		return groupsConvolution(context, { image, filter, bias }, slide);
	return context.emit(
		"Conv",
		bias === undefined ? [image, filter] : [image, filter, bias],
		{ ...slide, group },
	);
}

/** Whether ONNX Runtime would convolve in another type, which has fewer digits than TensorFlow's or is not exact. */
function needsTaps({ inputs: [{ dtype }] }: LowerContext): boolean {
	return dtype === "float64" || kernelType("Conv", dtype) === undefined;
}
