import { intsAttr } from "../../../graph/attrs.js";
import { int } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { sizeOf } from "./counting.js";

/** What pads a picture, channels last. */
export interface WindowSteps {
	/** An entry an axis of the picture. */
	readonly strides: readonly number[];
	readonly dilations: readonly number[];
}

/** How many elements an axis of a window reaches over, from the filter that is input 1. */
export function reachOf(
	context: WebContext,
	axis: number,
	{ dilations }: WindowSteps,
): WebValue {
	const { input, emit, scalar } = context;
	const steps = emit("Sub", [sizeOf(context, input(1), axis - 1), scalar(1)]);
	return emit("AddV2", [
		emit("Mul", [steps, scalar(dilations[axis])]),
		scalar(1),
	]);
}

/** A picture with the zeros around it that SAME stands for, whatever the size of the window is. */
export function paddedAsSame(
	context: WebContext,
	picture: WebValue,
	window: WindowSteps,
): WebValue {
	const { emit, scalar, ints } = context;
	const { strides } = window;
	const places = strides.length - 2;
	const pads = Array.from({ length: places }, (_, i) => {
		const axis = i + 1;
		const size = sizeOf(context, picture, axis);
		const stride = scalar(strides[axis]);
		// as often as the stride fits, rounded up
		const count = emit("Neg", [
			emit("FloorDiv", [emit("Neg", [size]), stride]),
		]);
		const last = emit("Mul", [emit("Sub", [count, scalar(1)]), stride]);
		const reached = emit("AddV2", [last, reachOf(context, axis, window)]);
		const total = emit("Maximum", [emit("Sub", [reached, size]), scalar(0)]);
		const before = emit("FloorDiv", [total, scalar(2)]);
		return emit("Pack", [before, emit("Sub", [total, before])], {
			axis: int(0),
		});
	});
	return emit("Pad", [
		picture,
		emit("Pack", [ints([0, 0]), ...pads, ints([0, 0])], { axis: int(0) }),
	]);
}

/** A picture with the zeros around it that a node lists, channels last. */
export function paddedAsListed(
	{ node, emit, ints }: WebContext,
	picture: WebValue,
	last: (list: readonly number[]) => readonly number[],
	filler?: WebValue,
): WebValue {
	const pairs = intsAttr(node, "explicit_paddings");
	const starts = last(pairs.filter((_, i) => i % 2 === 0));
	const ends = last(pairs.filter((_, i) => i % 2 === 1));
	const pads = emit("Reshape", [
		ints(starts.flatMap((start, i) => [start, ends[i]])),
		ints([-1, 2]),
	]);
	return filler === undefined
		? emit("Pad", [picture, pads])
		: emit("PadV2", [picture, pads, filler]);
}
