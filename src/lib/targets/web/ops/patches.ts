import { int, type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { countTo, sizeOf } from "./counting.js";
import { reachOf, type WindowSteps } from "./same-padding.js";

/**
 * A convolution of whole numbers, for which TensorFlow.js has no kernel: a product of matrices, one row a window. The picture is
 * padded, channels last.
 */
export function convolvedByPatches(
	context: WebContext,
	picture: WebValue,
	filter: WebValue,
	window: WindowSteps,
): WebValue {
	const { emit, ints, scalar } = context;
	const rows = placesOf(context, picture, 1, window);
	const columns = placesOf(context, picture, 2, window);
	const plain = { batch_dims: int(0) };
	const byRows = emit("GatherV2", [picture, rows, scalar(1)], plain);
	const patches = emit("GatherV2", [byRows, columns, scalar(3)], plain);
	const ordered = emit("Transpose", [patches, ints([0, 1, 3, 2, 4, 5])]);
	const made = sizeOf(context, filter, 3);
	const taken = emit("Prod", [
		emit("Slice", [emit("Shape", [filter]), ints([0]), ints([3])]),
		ints([0]),
	]);
	const matrix = (value: WebValue, last: WebValue) =>
		emit("Reshape", [
			value,
			emit("Pack", [scalar(-1), last], { axis: int(0) }),
		]);
	const product = emit(
		"MatMul",
		[matrix(ordered, taken), matrix(filter, made)],
		{ T: type("int32") },
	);
	const outer = emit("Slice", [emit("Shape", [ordered]), ints([0]), ints([3])]);
	return emit("Reshape", [
		product,
		emit("ConcatV2", [outer, emit("Reshape", [made, ints([1])]), scalar(0)], {
			N: int(2),
		}),
	]);
}

/** [windows, elements of a window]: where along an axis each is. */
function placesOf(
	context: WebContext,
	picture: WebValue,
	axis: number,
	window: WindowSteps,
): WebValue {
	const { input, emit, scalar } = context;
	const room = emit("Sub", [
		sizeOf(context, picture, axis),
		reachOf(context, axis, window),
	]);
	const end = emit("AddV2", [room, scalar(1)]);
	const starts = countTo(context, end, scalar(0), scalar(window.strides[axis]));
	const steps = emit("Mul", [
		countTo(context, sizeOf(context, input(1), axis - 1)),
		scalar(window.dilations[axis]),
	]);
	return emit("AddV2", [emit("ExpandDims", [starts, scalar(1)]), steps]);
}
