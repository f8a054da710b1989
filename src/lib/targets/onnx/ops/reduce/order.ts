import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { orderOps } from "../../../../ops/reduce/order.js";
import type { searchOps } from "../../../../ops/reduce/search.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import type { OnnxAttrs } from "../../graph.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { cutTo, neverEmpty } from "../../never-empty.js";
import { constantAxes } from "./axes.js";
import { sortable } from "./sorting.js";

const topK: Lowering = (context) => {
	const { cast, emit, emitMany, input, inputs, ints, node, outputs } = context;
	const k =
		inputs.length === 1
			? ints([intAttr(node, "k")])
			: emit("Reshape", [cast(input(1), "int64"), ints([1])]);
	const { value, restored } = sortable(context, input(0));
	const rows = withRows(context, value);
	const [values, places] = emitMany(
		"TopK",
		[rows.value, k],
		[value.dtype, "int64"],
		{ axis: -1 },
	);
	return [rows.cut(restored(values)), cast(rows.cut(places), outputs[1].dtype)];
};

/** The values, and how to cut the results for them, where a batch may be empty: never-empty.ts says why. */
function withRows(context: LowerContext, value: OnnxValue) {
	const { emit, inputs, ints, scalar } = context;
	const { shape } = inputs[0];
	if (shape === undefined) return withFlatRows(context, value);
	if (shape.slice(0, -1).every((size) => size > 0))
		return { value, cut: (result: OnnxValue) => result };
	const rank = shape.length;
	const filled = neverEmpty(context, value, rank, scalar(value.dtype, 0));
	const leading = emit("Slice", [filled.sizes, ints([0]), ints([-1])]);
	return {
		value: filled.value,
		cut: (result: OnnxValue) => cutTo(context, result, leading, rank - 1),
	};
}

/** As `withRows`, where it is not known over how many axes the rows are spread. */
function withFlatRows(context: LowerContext, value: OnnxValue) {
	const { emit, ints, scalar } = context;
	const sizesOf = (tensor: OnnxValue, range: OnnxAttrs) =>
		emit("Shape", [tensor], range, { dtype: "int64" });
	const leading = sizesOf(value, { end: -1 });
	const reshaped = (tensor: OnnxValue, before: OnnxValue) => {
		const shape = [before, sizesOf(tensor, { start: -1 })];
		const whole = emit("Concat", shape, { axis: 0 });
		return emit("Reshape", [tensor, whole], { allowzero: 1 });
	};
	const count = emit("ReduceProd", [leading, ints([0])], { keepdims: 1 });
	const rows = reshaped(value, count);
	const filled = neverEmpty(context, rows, 2, scalar(value.dtype, 0));
	return {
		value: filled.value,
		cut: (result: OnnxValue) =>
			reshaped(cutTo(context, result, count, 1), leading),
	};
}

/** The first occurrence decides the order. TensorFlow counts elements, or slices along the axis in input 1. */
const unique: Lowering = (context) => {
	const { cast, emitMany, input, inputs, outputs } = context;
	if (inputs.length > 1 && context.constant(1) === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot lower UniqueV2: its axis is computed at run time, ONNX wants a constant",
		);
	const [axis] = inputs.length > 1 ? (constantAxes(context) ?? []) : [];
	const rank = inputs[0].shape?.length;
	if (axis !== undefined && rank === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot lower UniqueV2 along an axis: the rank of its input is not known",
		);
	const along: OnnxAttrs =
		axis === undefined || rank === 1 || rank === undefined
			? {}
			: { axis: normalizeAxis(axis, rank) };
	if (
		inputs[0].shape?.some((size, i) => size <= 0 && i !== along.axis) &&
		rank !== 1
	)
		throw fail(
			"UNSUPPORTED",
			"cannot lower UniqueV2 along an axis: its slices may be empty, which ends ONNX Runtime's process",
		);
	const [values, , places, counts] = emitMany(
		"Unique",
		[input(0)],
		[input(0).dtype, "int64", "int64", "int64"],
		{ sorted: 0, ...along },
	);
	return [values, places, counts]
		.slice(0, outputs.length)
		.map((value, i) => (i === 0 ? value : cast(value, outputs[i].dtype)));
};

export const orderLowerings: LoweringTable<typeof orderOps> = {
	TopK: topK,
	TopKV2: topK,
};

export const searchLowerings: LoweringTable<typeof searchOps> = {
	Unique: unique,
	UniqueV2: unique,
	UniqueWithCounts: unique,
	UniqueWithCountsV2: unique,
};
