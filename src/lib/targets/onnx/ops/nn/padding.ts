import { fail } from "../../../../errors.js";
import { reach, type Window, windowPads } from "../../../../ops/nn/window.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** An image and the attributes that pad it as TensorFlow does. */
export interface Padded {
	readonly image: OnnxValue;
	readonly attrs: OnnxAttrs;
	/** How far the image was moved by padding in the graph, int64, one number a spatial axis. */
	readonly before?: OnnxValue;
}

/**
 * How ONNX pads an image (channels behind the batch) for a window. Pads are explicit where the sizes are known. ONNX's
 * SAME_UPPER is the same rule, but ONNX Runtime has it neither for dilations nor for windows smaller than their strides:
 * then the image is padded in the graph, with `outside`.
 */
export function padded(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
	sizes: readonly number[],
	outside = 0,
): Padded {
	const pads = windowPads(window, sizes);
	if (pads !== undefined) return { image, attrs: { pads: onnxPads(pads) } };
	if (hasSameUpper(window)) return { image, attrs: { auto_pad: "SAME_UPPER" } };
	checkKernel(window);
	const { before, after } = computedPads(context, image, window);
	return {
		image: padImage(context, image, before, after, outside),
		attrs: { pads: sizes.flatMap(() => [0, 0]) },
		before,
	};
}

/** An image with its padding made in the graph, whatever ONNX's attributes could say. */
export function paddedImage(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
	sizes: readonly number[],
): OnnxValue {
	checkKernel(window);
	const pads = windowPads(window, sizes);
	if (pads?.flat().every((pad) => pad === 0)) return image;
	const { before, after } =
		pads === undefined
			? computedPads(context, image, window)
			: {
					before: context.ints(pads.map(([pad]) => pad)),
					after: context.ints(pads.map(([, pad]) => pad)),
				};
	return padImage(context, image, before, after, 0);
}

/** Whether ONNX Runtime computes pads for the window by itself, should sizes not be known. */
export function hasSameUpper({ kernel, strides, dilations }: Window): boolean {
	return strides.every(
		(stride, axis) =>
			dilations[axis] === 1 && (stride === 1 || kernel[axis] >= stride),
	);
}

function checkKernel({ kernel }: Window): void {
	if (kernel.some((size) => size < 0))
		throw fail(
			"UNSUPPORTED",
			`cannot lower a window of [${kernel}]: its sizes must be known`,
		);
}

/** ONNX lists all that comes before, then all that comes behind. */
export function onnxPads(
	pads: readonly (readonly [number, number])[],
): number[] {
	return [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
}

/** The SAME rule of ops/nn/window.ts on sizes that are known at run time. */
function computedPads(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
): { before: OnnxValue; after: OnnxValue } {
	const { emit, ints } = context;
	const size = emit("Shape", [image], { start: 2 }, { dtype: "int64" });
	const strides = ints(window.strides);
	const windowed = emit("Div", [
		emit("Add", [size, ints(window.strides.map((stride) => stride - 1))]),
		strides,
	]);
	const covered = emit("Add", [
		emit("Mul", [emit("Sub", [windowed, ints([1])]), strides]),
		ints(window.kernel.map((_, axis) => reach(window, axis))),
	]);
	const total = emit("Max", [emit("Sub", [covered, size]), ints([0])]);
	const before = emit("Div", [total, ints([2])]);
	return { before, after: emit("Sub", [total, before]) };
}

function padImage(
	{ emit, ints, scalar }: LowerContext,
	image: OnnxValue,
	before: OnnxValue,
	after: OnnxValue,
	outside: number,
): OnnxValue {
	const none = ints([0, 0]);
	const pads = emit("Concat", [none, before, none, after], { axis: 0 });
	return emit("Pad", [image, pads, scalar(image.dtype, outside)]);
}
