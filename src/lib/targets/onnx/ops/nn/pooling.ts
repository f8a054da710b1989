import { fail } from "../../../../errors.js";
import { boolAttr, dtypeAttr } from "../../../../graph/attrs.js";
import {
	type Pool,
	type poolingOps,
	poolOf,
} from "../../../../ops/nn/pooling.js";
import {
	axisLayout,
	imageSizes,
	isChannelsLast,
	type Window,
	windowPads,
} from "../../../../ops/nn/window.js";
import { DTYPES, type DType } from "../../../../tensor/dtype.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { imageInput, imageOutput } from "./image-tensor.js";
import { hasSameUpper, padded } from "./padding.js";

export const poolingLowerings: LoweringTable<typeof poolingOps> = {
	MaxPool: (context) => pooled(context, maximum),
	MaxPool3D: (context) => pooled(context, maximum),
	MaxPoolWithArgmax: pooledWithArgmax,
	AvgPool: (context) => pooled(context, mean),
	AvgPool3D: (context) => pooled(context, mean),
};

function pooled(
	context: LowerContext,
	reduce: (
		context: LowerContext,
		image: OnnxValue,
		window: Window,
		sizes: readonly number[],
	) => OnnxValue,
): OnnxValue {
	const layout = axisLayout(context.node);
	const { window, depth } = poolOf(context.node);
	if (depth > 1) return pooledChannels(context, { window, depth });
	const { spatial } = imageSizes(context.inputs[0].shape, layout);
	const image = imageInput(context, 0, layout);
	return imageOutput(reduce(context, image, window, spatial), layout);
}

function maximum(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
	sizes: readonly number[],
): OnnxValue {
	const whole = padded(context, image, window, sizes, lowest(image.dtype));
	return context.emit("MaxPool", [whole.image], poolAttrs(window, whole.attrs));
}

/** Padding does not count: where it had to be made in the graph, the mean is corrected by the share that counts. */
function mean(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
	sizes: readonly number[],
): OnnxValue {
	const { emit } = context;
	const average = (value: OnnxValue) => {
		const whole = padded(context, value, window, sizes);
		const attrs = poolAttrs(window, whole.attrs);
		return emit("AveragePool", [whole.image], {
			...attrs,
			count_include_pad: 0,
		});
	};
	if (windowPads(window, sizes) !== undefined || hasSameUpper(window))
		return average(image);
	const ones = emit("Expand", [
		context.scalar(image.dtype, 1),
		emit("Shape", [image], {}, { dtype: "int64" }),
	]);
	return emit("Div", [average(image), average(ones)]);
}

function poolAttrs({ kernel, strides }: Window, padding: OnnxAttrs): OnnxAttrs {
	return { ...padding, kernel_shape: kernel, strides };
}

/** What never is a maximum beside another number of the type. */
function lowest(dtype: DType): number {
	const { kind, bytes } = DTYPES[dtype];
	if (kind === "float" || kind === "half") return Number.NEGATIVE_INFINITY;
	return dtype.startsWith("u") ? 0 : -(2 ** (8 * bytes - 1));
}

/** Channels pooled in groups side by side, as only NHWC images of one pixel a window have it. */
function pooledChannels(
	{ node, emit, input, ints }: LowerContext,
	{ window, depth }: Pool,
): OnnxValue {
	const plain =
		isChannelsLast(axisLayout(node)) &&
		[...window.kernel, ...window.strides].every((size) => size === 1);
	if (!plain)
		throw fail(
			"UNSUPPORTED",
			`cannot pool channels in groups of ${depth} with a window of [${window.kernel}]: TensorFlow does so only pixel by pixel in NHWC`,
		);
	// 0 copies a size
	const sizes = [0, ...window.kernel.map(() => 0)];
	const split = emit("Reshape", [input(0), ints([...sizes, -1, depth])]);
	return emit("ReduceMax", [split, ints([-1])], { keepdims: 0 });
}

/**
 * ONNX counts places in [N,C,H,W], TensorFlow in [H,W,C] of each image, or in [N,H,W,C]. Both keep the first of equals.
 */
function pooledWithArgmax(context: LowerContext): readonly OnnxValue[] {
	const { node, emit, emitMany, cast } = context;
	const layout = axisLayout(node);
	const { window } = poolOf(node);
	const { spatial } = imageSizes(context.inputs[0].shape, layout);
	const image = imageInput(context, 0, layout);
	const whole = padded(context, image, window, spatial, lowest(image.dtype));
	const [output, places] = emitMany(
		"MaxPool",
		[whole.image],
		[image.dtype, "int64"],
		poolAttrs(window, whole.attrs),
	);
	const area = sizeProduct(context, whole.image, 2);
	const plane = emit("Div", [places, area]);
	const place = emit("Sub", [places, emit("Mul", [plane, area])]);
	const pixel =
		whole.before === undefined
			? place
			: movedBack(context, place, whole.image, image, whole.before);
	const channels = sizeProduct(context, image, 1, 2);
	const picture = emit("Div", [plane, channels]);
	const channel = emit("Sub", [plane, emit("Mul", [picture, channels])]);
	const inPicture = emit("Add", [emit("Mul", [pixel, channels]), channel]);
	const size = sizeProduct(context, image, 1);
	const index = boolAttr(node, "include_batch_in_index")
		? emit("Add", [inPicture, emit("Mul", [picture, size])])
		: inPicture;
	const argmax = cast(index, dtypeAttr(node, "Targmax"));
	return [imageOutput(output, layout), imageOutput(argmax, layout)];
}

/** The product of the sizes of axes from `start` on. */
function sizeProduct(
	{ emit }: LowerContext,
	image: OnnxValue,
	start: number,
	end = 4,
): OnnxValue {
	const sizes = emit("Shape", [image], { start, end }, { dtype: "int64" });
	return emit("ReduceProd", [sizes], { keepdims: 0 });
}

/** The place of a pixel in an image that was padded, as one in the image itself. */
function movedBack(
	context: LowerContext,
	place: OnnxValue,
	paddedImage: OnnxValue,
	image: OnnxValue,
	before: OnnxValue,
): OnnxValue {
	const { emit, scalar } = context;
	const shift = (axis: number) =>
		emit("Gather", [before, scalar("int64", axis)]);
	const width = sizeProduct(context, paddedImage, 3);
	const row = emit("Div", [place, width]);
	const column = emit("Sub", [place, emit("Mul", [row, width])]);
	const top = emit("Sub", [row, shift(0)]);
	const left = emit("Sub", [column, shift(1)]);
	const start = emit("Mul", [top, sizeProduct(context, image, 3)]);
	return emit("Add", [start, left]);
}
