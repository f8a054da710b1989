import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { orderOps } from "../../../../ops/reduce/order.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import { expressions } from "../../expression.js";
import type { OnnxAttrs } from "../../graph.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { constantAxes } from "./axes.js";
import { sortable } from "./sorting.js";

const topK: Lowering = (context) => {
	const { cast, emit, emitMany, input, inputs, ints, node, outputs } = context;
	const k =
		inputs.length === 1
			? ints([intAttr(node, "k")])
			: emit("Reshape", [cast(input(1), "int64"), ints([1])]);
	const { value, restored } = sortable(context, input(0));
	const rows = withRow(context, value);
	const [values, places] = emitMany(
		"TopK",
		[rows.value, k],
		[value.dtype, "int64"],
		{ axis: -1 },
	);
	return [rows.cut(restored(values)), cast(rows.cut(places), outputs[1].dtype)];
};

interface Rows {
	readonly value: OnnxValue;
	/** What was computed of the value, without the row that was added. */
	cut(result: OnnxValue): OnnxValue;
}

/** ONNX Runtime's TopK divides by the number of rows and ends its process if there are none: an empty batch gets one. */
function withRow(context: LowerContext, value: OnnxValue): Rows {
	const { emit, inputs, ints, cast, scalar } = context;
	const leading = inputs[0].shape?.slice(0, -1);
	if (leading === undefined || leading.every((size) => size > 0))
		return { value, cut: (result) => result };
	const zeros = leading.map(() => 0);
	const sizes = emit("Shape", [value], { end: -1 }, { dtype: "int64" });
	const { equal } = expressions(context);
	const added = cast(equal(sizes, 0), "int64");
	const pads = emit("Concat", [ints([...zeros, 0]), added, ints([0])], {
		axis: 0,
	});
	return {
		value: emit("Pad", [value, pads, scalar(value.dtype, 0)]),
		cut: (result) =>
			emit("Slice", [result, ints(zeros), sizes, ints(zeros.map((_, i) => i))]),
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
	const along: OnnxAttrs =
		axis === undefined || rank === 1 || rank === undefined
			? {}
			: { axis: normalizeAxis(axis, rank) };
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
	Unique: unique,
	UniqueV2: unique,
	UniqueWithCounts: unique,
	UniqueWithCountsV2: unique,
};
