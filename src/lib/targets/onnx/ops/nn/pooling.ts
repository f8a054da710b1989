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
} from "../../../../ops/nn/window.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { imageInput, imageOutput } from "./image-tensor.js";
import { padded } from "./padding.js";

export const poolingLowerings: LoweringTable<typeof poolingOps> = {
	MaxPool: (context) => pooled(context, "MaxPool"),
	MaxPool3D: (context) => pooled(context, "MaxPool"),
	MaxPoolWithArgmax: pooledWithArgmax,
	AvgPool: (context) => pooled(context, "AveragePool"),
	AvgPool3D: (context) => pooled(context, "AveragePool"),
};

function pooled(context: LowerContext, op: string): OnnxValue {
	const { node } = context;
	const pool = poolOf(node);
	const layout = axisLayout(node);
	if (pool.depth > 1) return pooledChannels(context, pool);
	const { image, attrs } = window(context, pool);
	const output = context.emit(op, [image], {
		...attrs,
		// padding does not count for the mean
		...(op === "AveragePool" ? { count_include_pad: 0 } : {}),
	});
	return imageOutput(output, layout);
}

/** The image, and the attributes that ONNX's pooling operations share. */
function window(
	context: LowerContext,
	{ window }: Pool,
): { image: OnnxValue; attrs: OnnxAttrs } {
	const layout = axisLayout(context.node);
	const { spatial } = imageSizes(context.inputs[0].shape, layout);
	const { image, attrs } = padded(
		context,
		imageInput(context, 0, layout),
		window,
		spatial,
	);
	const { kernel, strides } = window;
	return { image, attrs: { ...attrs, kernel_shape: kernel, strides } };
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
	const { image, attrs } = window(context, poolOf(node));
	const [output, places] = emitMany(
		"MaxPool",
		[image],
		[image.dtype, "int64"],
		attrs,
	);
	const size = (start: number, end: number) =>
		emit(
			"ReduceProd",
			[emit("Shape", [image], { start, end }, { dtype: "int64" })],
			{ keepdims: 0 },
		);
	const channels = size(1, 2);
	const area = size(2, 4);
	const plane = emit("Div", [places, area]);
	const pixel = emit("Sub", [places, emit("Mul", [plane, area])]);
	const picture = emit("Div", [plane, channels]);
	const channel = emit("Sub", [plane, emit("Mul", [picture, channels])]);
	const inPicture = emit("Add", [emit("Mul", [pixel, channels]), channel]);
	const index = boolAttr(node, "include_batch_in_index")
		? emit("Add", [
				inPicture,
				emit("Mul", [picture, emit("Mul", [area, channels])]),
			])
		: inPicture;
	const argmax = cast(index, dtypeAttr(node, "Targmax"));
	return [imageOutput(output, layout), imageOutput(argmax, layout)];
}
