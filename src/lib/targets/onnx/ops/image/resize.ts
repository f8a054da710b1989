import {
	nearestIndices,
	type resizeOps,
	type Sampling,
	samplingOf,
} from "../../../../ops/image/resize.js";
import { type AxisLayout, imageSizes } from "../../../../ops/nn/window.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { expressions } from "../../expression.js";
import { kernelType } from "../../kernels.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { batchedProduct } from "../linalg/batched-product.js";
import { imageInput, imageOutput } from "../nn/image-tensor.js";
import { axisScale, indices, resizedAxis } from "./axis.js";
import {
	areaWeights,
	cubicWeights,
	kernelWeights,
	type Weights,
} from "./resampling.js";

export const resizeLowerings: LoweringTable<typeof resizeOps> = {
	ResizeBilinear: bilinear,
	ResizeBicubic: (context) => interpolated(context, cubicWeights),
	ResizeArea: (context) => interpolated(context, areaWeights),
	ResizeNearestNeighbor: nearest,
	ScaleAndTranslate: (context) => interpolated(context, kernelWeights),
};

const NHWC: AxisLayout = { channels: 3, spatial: [1, 2] };

function bilinear(context: LowerContext): OnnxValue {
	const image = context.cast(imageInput(context, 0, NHWC), "float32");
	const output = sameSize(context)
		? image
		: onnxResize(context, image, samplingOf(context.node), { mode: "linear" });
	return imageOutput(output, NHWC);
}

/** Weighs old pixels by a matrix along each axis; upstream's cubic and area are not those of ONNX. */
function interpolated(context: LowerContext, weights: Weights): OnnxValue {
	const { emit } = context;
	const image = context.cast(imageInput(context, 0, NHWC), "float32");
	const [vertical, horizontal] = [0, 1].map((place) =>
		weights(context, resizedAxis(context, place)),
	);
	const across = emit("Transpose", [horizontal], { perm: [1, 0] });
	const [batch, , , channels] = context.inputs[0].shape ?? [-1, -1, -1, -1];
	const pixels = (value: OnnxValue) => ({
		value,
		shape: [batch, channels, -1, -1],
	});
	const matrix = (value: OnnxValue) => ({ value, shape: [-1, -1] });
	const rows = batchedProduct(context, matrix(vertical), pixels(image));
	const all = batchedProduct(context, pixels(rows), matrix(across));
	return imageOutput(all, NHWC);
}

/** ONNX Runtime's rounding is TensorFlow's for most sizes; for the others rows and columns are picked one by one. */
function nearest(context: LowerContext): OnnxValue {
	const { inputs, node } = context;
	const sampling = samplingOf(node);
	if (sameSize(context)) return context.input(0);
	const native = kernelType("Resize", inputs[0].dtype) === inputs[0].dtype;
	if (!native || !roundsAlike(context, sampling))
		return picked(context, sampling);
	const image = imageInput(context, 0, NHWC);
	const output = onnxResize(context, image, sampling, {
		mode: "nearest",
		nearest_mode:
			sampling.alignCorners || sampling.halfPixelCenters
				? "round_prefer_ceil"
				: "floor",
	});
	return imageOutput(output, NHWC);
}

function onnxResize(
	context: LowerContext,
	image: OnnxValue,
	{ alignCorners, halfPixelCenters }: Sampling,
	attrs: { readonly mode: string; readonly nearest_mode?: string },
): OnnxValue {
	const scales = exactScales(context);
	const size =
		scales === undefined
			? [undefined, wholeSize(context, image)]
			: [context.initializer(tensorFromNumbers("float32", [4], scales))];
	return context.emit("Resize", [image, undefined, ...size], {
		...attrs,
		coordinate_transformation_mode: alignCorners
			? "align_corners"
			: halfPixelCenters
				? "half_pixel"
				: "asymmetric",
	});
}

/**
 * Factors for all axes from which ONNX Runtime computes the wanted sizes by rounding down: onnxruntime-node multiplies in
 * single, onnxruntime-web in double precision.
 */
function exactScales({ inputs, outputs }: LowerContext): number[] | undefined {
	const { fround, floor } = Math;
	const [from, to] = [inputs[0], outputs[0]].map(
		({ shape }) => imageSizes(shape, NHWC).spatial,
	);
	const scales = from.map((size, i) => fround(to[i] / size));
	const exact = from.every((size, i) => {
		const wanted = size * scales[i];
		return (
			size > 0 &&
			to[i] > 0 &&
			floor(wanted) === to[i] &&
			floor(fround(wanted)) === to[i]
		);
	});
	return exact ? [1, 1, ...scales] : undefined;
}

/** ONNX Runtime's optimizer does not know that Resize can name the axes it resizes, so all four sizes are given. */
function wholeSize(
	{ inputs, outputs, emit, cast, input, ints }: LowerContext,
	image: OnnxValue,
): OnnxValue {
	const range = { start: 0, end: 2 };
	const kept = emit("Shape", [image], range, { dtype: "int64" });
	const { spatial } = imageSizes(outputs[0].shape, NHWC);
	if (spatial.every((size) => size >= 0))
		return emit("Concat", [kept, ints(spatial)], { axis: 0 });
	const size = cast(input(1), "int64");
	// its shape inference takes a vector of unknown length for an empty one
	const two =
		inputs[1].shape?.[0] === 2 ? size : emit("Reshape", [size, ints([2])]);
	return emit("Concat", [kept, two], { axis: 0 });
}

function sameSize({ inputs, outputs }: LowerContext): boolean {
	const [from, to] = [inputs[0], outputs[0]].map(
		({ shape }) => imageSizes(shape, NHWC).spatial,
	);
	return from.every((size, i) => size >= 0 && size === to[i]);
}

/** Whether ONNX Runtime takes each pixel from where TensorFlow does; sizes must be known. */
function roundsAlike(
	{ inputs, outputs }: LowerContext,
	sampling: Sampling,
): boolean {
	const [from, to] = [inputs[0], outputs[0]].map(
		({ shape }) => imageSizes(shape, NHWC).spatial,
	);
	return from.every((size, i) => {
		if (size < 0 || to[i] < 0) return false;
		const theirs = onnxIndices(size, to[i], sampling);
		return nearestIndices(size, to[i], sampling).every(
			(index, place) => index === theirs[place],
		);
	});
}

/** Where ONNX Runtime takes each pixel from, in single precision (core/providers/cpu/tensor/upsamplebase.h). */
function onnxIndices(
	from: number,
	to: number,
	{ alignCorners, halfPixelCenters }: Sampling,
): number[] {
	const { fround } = Math;
	const scale = fround(to / from);
	return Array.from({ length: to }, (_, i) => {
		const position = alignCorners
			? to === 1
				? 0
				: fround(fround(i * (from - 1)) / fround(to - 1))
			: halfPixelCenters
				? fround(fround((i + 0.5) / scale) - 0.5)
				: fround(i / scale);
		const index =
			alignCorners || halfPixelCenters
				? Math.floor(position + 0.5)
				: Math.floor(position);
		return Math.min(Math.max(index, 0), from - 1);
	});
}

/** Rows and columns by their indices, in TensorFlow's arithmetic. */
function picked(context: LowerContext, sampling: Sampling): OnnxValue {
	const first = context.isChannelsFirst(0);
	const image = first ? context.channelsFirst(0) : context.input(0);
	const output = [0, 1].reduce(
		(picture, place) =>
			context.emit(
				"Gather",
				[picture, sourceIndices(context, place, sampling)],
				{ axis: place + (first ? 2 : 1) },
			),
		image,
	);
	return first ? { ...output, channelsFirst: true } : output;
}

function sourceIndices(
	context: LowerContext,
	place: number,
	sampling: Sampling,
): OnnxValue {
	const from = context.inputs[0].shape?.[place + 1] ?? -1;
	const to = context.outputs[0].shape?.[place + 1] ?? -1;
	if (from >= 0 && to >= 0)
		return context.ints(nearestIndices(from, to, sampling));
	const math = expressions(context);
	const axis = resizedAxis(context, place);
	const pixel = indices(context, axis.to);
	const position = math.mul(
		sampling.halfPixelCenters ? math.add(pixel, 0.5) : pixel,
		axisScale(context, axis, sampling),
	);
	const index = math.of(
		"Floor",
		sampling.alignCorners ? math.add(position, 0.5) : position,
	);
	const last = math.sub(context.cast(axis.from, "float32"), 1);
	return context.cast(math.min(index, last), "int64");
}
