import { bool, int, type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { sizeOf } from "./counting.js";

/** Indices that point nowhere make TensorFlow.js fail; some nodes ask to ignore them. */
export const scatter: WebLowering = (context) => {
	const { input, emit } = context;
	const [indices, updates] = ignoresBad(context)
		? inside(context, 0, 1, input(2))
		: [input(0), input(1)];
	return emit("ScatterNd", [indices, updates, input(2)]);
};

/** Adds where TensorFlow.js only overwrites: what is scattered on zeros, and the tensor itself. */
export const scatterAdd: WebLowering = (context) => {
	const { input, emit } = context;
	const shape = emit("Shape", [input(0)]);
	const [indices, updates] = ignoresBad(context)
		? inside(context, 1, 2, shape)
		: [input(1), input(2)];
	return emit("AddV2", [
		input(0),
		emit("ScatterNd", [indices, updates, shape]),
	]);
};

/** Sums of the rows that have the same id; a row whose id is below zero is left out. */
export const segmentSum: WebLowering = (context) => {
	const { inputs, input, emit, ints, scalar } = context;
	const { dtype } = inputs[0];
	const ids = emit("Reshape", [input(1), ints([-1, 1])]);
	const idShape = emit("Shape", [input(1)]);
	const rest = emit("Slice", [
		emit("Shape", [input(0)]),
		emit("Shape", [idShape]),
		ints([-1]),
	]);
	const join = (first: WebValue) =>
		emit("ConcatV2", [emit("Reshape", [first, ints([1])]), rest, scalar(0)], {
			N: int(2),
		});
	const isCounted = emit("GreaterEqual", [ids, scalar(0)]);
	const count = emit("Size", [ids]);
	const width = emit("Prod", [rest, ints([0])]);
	const flat = emit("Reshape", [
		input(0),
		emit("Pack", [count, width], { axis: int(0) }),
	]);
	const rows = emit("SelectV2", [isCounted, flat, scalar(0, dtype)], {
		T: type(dtype),
	});
	return emit("ScatterNd", [
		emit("Maximum", [ids, scalar(0)]),
		emit("Reshape", [rows, join(count)]),
		join(input(2)),
	]);
};

function ignoresBad({ node }: WebContext): boolean {
	return String(node.attrs.bad_indices_policy ?? "").toUpperCase() === "IGNORE";
}

/** What points nowhere adds zeros to the first place instead. */
function inside(
	context: WebContext,
	indices: number,
	updates: number,
	shape: WebValue,
): readonly [indices: WebValue, updates: WebValue] {
	const { inputs, input, emit, ints, scalar } = context;
	const { dtype } = inputs[updates];
	const depth = sizeOf(context, input(indices), -1);
	const sizes = emit("Slice", [
		shape,
		ints([0]),
		emit("Reshape", [depth, ints([1])]),
	]);
	const isPlace = emit("LogicalAnd", [
		emit("GreaterEqual", [input(indices), scalar(0)]),
		emit("Less", [input(indices), sizes]),
	]);
	const isInside = emit("All", [isPlace, scalar(-1)], {
		keep_dims: bool(true),
	});
	const places = emit("SelectV2", [isInside, input(indices), scalar(0)], {
		T: type("int32"),
	});
	const rows = emit("Reshape", [isInside, ints([-1, 1])]);
	const count = emit("Reshape", [emit("Size", [rows]), ints([1])]);
	const flat = emit("Reshape", [
		input(updates),
		emit("ConcatV2", [count, ints([-1]), scalar(0)], { N: int(2) }),
	]);
	const kept = emit("SelectV2", [rows, flat, scalar(0, dtype)], {
		T: type(dtype),
	});
	return [places, emit("Reshape", [kept, emit("Shape", [input(updates)])])];
}
