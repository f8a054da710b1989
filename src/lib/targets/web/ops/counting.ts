import { int, type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";

type Emitter = Pick<WebContext, "emit" | "scalar">;

/** The whole numbers from one (0) up to another, which is not among them. */
export function countTo(
	{ emit, scalar }: Emitter,
	end: WebValue,
	start: WebValue = scalar(0),
	step: WebValue = scalar(1),
): WebValue {
	return emit("Range", [start, end, step], { Tidx: type("int32") });
}

/** The number of each element of a value, in its shape. */
export function numbersOf(context: Emitter, value: WebValue): WebValue {
	const { emit } = context;
	return emit("Reshape", [
		countTo(context, emit("Size", [value])),
		emit("Shape", [value]),
	]);
}

/** The elements of a tensor at these places, counted row by row; TensorFlow.js takes text here too. */
export function takenAt(
	{ emit, ints, scalar }: Emitter & Pick<WebContext, "ints">,
	value: WebValue,
	places: WebValue,
): WebValue {
	return emit("GatherNd", [
		emit("Reshape", [value, ints([-1])]),
		emit("ExpandDims", [places, scalar(-1)]),
	]);
}

/** How many elements an axis has, as a scalar; axes below zero are counted from the end. */
export function sizeOf(
	{ emit, scalar }: Emitter,
	value: WebValue,
	axis: number,
): WebValue {
	const sizes = emit("Shape", [value]);
	const place =
		axis < 0
			? emit("AddV2", [emit("Size", [sizes]), scalar(axis)])
			: scalar(axis);
	return emit("GatherV2", [sizes, place, scalar(0)], { batch_dims: int(0) });
}
