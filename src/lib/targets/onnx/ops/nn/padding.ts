import { reach, type Window, windowPads } from "../../../../ops/nn/window.js";
import type { OnnxAttrs } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** An image and the attributes that pad it as TensorFlow does. */
export interface Padded {
	readonly image: OnnxValue;
	readonly attrs: OnnxAttrs;
}

/**
 * How ONNX pads an image (channels behind the batch) for a window. Pads are explicit where the sizes are known; ONNX's
 * SAME_UPPER is the same rule, but ONNX Runtime refuses it together with dilations: those pads are computed in the graph.
 */
export function padded(
	context: LowerContext,
	image: OnnxValue,
	window: Window,
	sizes: readonly number[],
): Padded {
	const pads = windowPads(window, sizes);
	if (pads !== undefined) return { image, attrs: { pads: onnxPads(pads) } };
	if (window.dilations.every((dilation) => dilation === 1))
		return { image, attrs: { auto_pad: "SAME_UPPER" } };
	return {
		image: context.emit("Pad", [image, computedPads(context, image, window)]),
		attrs: { pads: sizes.flatMap(() => [0, 0]) },
	};
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
): OnnxValue {
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
	const after = emit("Sub", [total, before]);
	const none = ints([0, 0]);
	return emit("Concat", [none, before, none, after], { axis: 0 });
}
