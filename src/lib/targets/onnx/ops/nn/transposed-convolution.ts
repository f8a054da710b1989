import { filterSizes } from "../../../../ops/nn/convolution.js";
import {
	type AxisLayout,
	axisLayout,
	imageSizes,
	type Pads,
	reach,
	type Window,
	windowedSizes,
	windowOf,
	windowPads,
} from "../../../../ops/nn/window.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { cutTo, neverEmpty } from "../../never-empty.js";
import { imageInput, imageOutput, permuted } from "./image-tensor.js";
import { onnxPads } from "./padding.js";

/**
 * `Conv2DBackpropInput(sizes, filter, gradient)` and its 3-D kin: ONNX's ConvTranspose of the gradient. The padding is
 * that of the forward convolution, whose image has the sizes that input 0 gives.
 */
export function transposedConvolution(context: LowerContext): OnnxValue {
	const { node, inputs, outputs } = context;
	const layout = axisLayout(node);
	const rank = layout.spatial.length + 2;
	const { kernel, channelsIn } = filterSizes(inputs[1].shape, rank - 2);
	const window = windowOf(node, layout, kernel);
	const { spatial, channels } = imageSizes(outputs[0].shape, layout);
	const crop = knownCrop(window, spatial);
	const { gradient, cut } = heldGradient(
		context,
		layout,
		crop === undefined ? [] : windowedSizes(window, spatial),
	);
	const operands: Operands = {
		gradient,
		filter: permuted(context, 1, [
			rank - 1,
			rank - 2,
			...kernel.map((_, axis) => axis),
		]),
		group: channels > 0 && channelsIn > 0 ? channels / channelsIn : 1,
	};
	const output =
		crop === undefined
			? cropped(context, window, operands, layout.spatial)
			: scattered(context, window, operands, crop);
	return imageOutput(cut(output), layout);
}

interface Operands {
	readonly gradient: OnnxValue;
	readonly filter: OnnxValue;
	readonly group: number;
}

interface HeldGradient {
	readonly gradient: OnnxValue;
	/** Takes away what was added to the batch of the result. */
	cut(output: OnnxValue): OnnxValue;
}

/**
 * The gradient, held to the sizes that the forward convolution has, as TensorFlow does. Where they are not known and there
 * are three of them, none is left 0: ONNX Runtime's kernel would end the process.
 */
function heldGradient(
	context: LowerContext,
	layout: AxisLayout,
	wanted: readonly number[],
): HeldGradient {
	const { inputs, emit, ints, scalar } = context;
	const gradient = imageInput(context, 2, layout);
	const { spatial } = imageSizes(inputs[2].shape, layout);
	const cut = (output: OnnxValue) => output;
	if (spatial.every((size) => size > 0)) return { gradient, cut };
	if (wanted.length > 0 && wanted.every((size) => size > 0))
		return {
			gradient: emit("Reshape", [gradient, ints([0, 0, ...wanted])]),
			cut,
		};
	if (spatial.length < 3) return { gradient, cut };
	const rank = spatial.length + 2;
	const filled = neverEmpty(context, gradient, rank, scalar(gradient.dtype, 0));
	const batch = emit("Slice", [filled.sizes, ints([0]), ints([1])]);
	return {
		gradient: filled.value,
		cut: (output) => cutTo(context, output, batch, 1),
	};
}

/** ONNX's attributes that make the result `sizes` large; `undefined` if they depend on sizes that are not known. */
function knownCrop(
	window: Window,
	sizes: readonly number[],
): OnnxAttrs | undefined {
	const pads = windowPads(window, sizes);
	const known = sizes.every(
		(size, axis) =>
			window.strides[axis] === 1 || (size >= 0 && window.kernel[axis] >= 0),
	);
	if (pads === undefined || !known) return undefined;
	const windowed = windowedSizes(window, sizes);
	return {
		pads: onnxPads(pads),
		output_padding: sizes.map((size, axis) =>
			size < 0 || window.strides[axis] === 1
				? 0
				: size + sum(pads[axis]) - covered(window, windowed[axis], axis),
		),
	};
}

/** How far `count` places of the window reach. */
function covered(window: Window, count: number, axis: number): number {
	return (count - 1) * window.strides[axis] + reach(window, axis);
}

function sum([before, after]: Pads): number {
	return before + after;
}

function scattered(
	context: LowerContext,
	{ strides, dilations }: Window,
	{ gradient, filter, group }: Operands,
	crop: OnnxAttrs,
): OnnxValue {
	return context.emit("ConvTranspose", [gradient, filter], {
		...crop,
		strides,
		dilations,
		group,
	});
}

/** Makes the largest result that can be asked for, and cuts out what input 0 asks for at run time. */
function cropped(
	context: LowerContext,
	window: Window,
	operands: Operands,
	spatial: readonly number[],
): OnnxValue {
	const { emit, ints } = context;
	const extra = window.strides.map((stride) => stride - 1);
	const whole = scattered(context, window, operands, {
		output_padding: extra,
	});
	const size = wantedSizes(context, spatial);
	const reached = emit("Sub", [
		emit("Shape", [whole], { start: 2 }, { dtype: "int64" }),
		ints(extra),
	]);
	const starts = cropStarts(context, window, emit("Sub", [reached, size]));
	return emit("Slice", [
		whole,
		starts,
		emit("Add", [starts, size]),
		ints(spatial.map((_, axis) => axis + 2)),
	]);
}

/** The spatial part of input 0, which may have nothing else. */
function wantedSizes(
	{ inputs, emit, cast, input, ints }: LowerContext,
	spatial: readonly number[],
): OnnxValue {
	const sizes = cast(input(0), "int64");
	return inputs[0].shape?.[0] === spatial.length
		? sizes
		: emit("Gather", [sizes, ints(spatial)], { axis: 0 });
}

function cropStarts(
	{ emit, ints }: LowerContext,
	{ padding, kernel }: Window,
	surplus: OnnxValue,
): OnnxValue {
	if (padding === "VALID") return ints(kernel.map(() => 0));
	if (padding !== "SAME") return ints(padding.map(([before]) => before));
	return emit("Div", [emit("Max", [surplus, ints([0])]), ints([2])]);
}
