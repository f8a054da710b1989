import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr, intAttr } from "../../graph/attrs.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { castTo, formula } from "../formula.js";
import { elementsOf, normalizeAxis } from "../shapes.js";

export const orderOps = {
	TopK: primitive(({ node, inputs: [values] }) =>
		topK(values, intAttr(node, "k"), "int32"),
	),
	TopKV2: primitive((context) =>
		topK(
			context.inputs[0],
			elementsOf(context, 1)?.[0] ?? -1,
			dtypeAttr(context.node, "index_type"),
		),
	),
	ApproxTopK: composite(expandApproxTopK),
	NthElement: composite(expandNthElement),
	InTopK: composite((context) => [
		inTopK(
			context,
			context.scalar("int32", intAttr(context.node, "k")),
			"int32",
		),
	]),
	InTopKV2: composite((context) => [
		inTopK(context, context.inputs[2], context.types[2].dtype),
	]),
} as const satisfies Record<string, OpEntry>;

function topK(values: ValueType, k: number, index: DType): ValueType[] {
	const shape = values.shape && [...values.shape.slice(0, -1), k];
	return [
		{ dtype: values.dtype, shape },
		{ dtype: index, shape },
	];
}

/** The exact answer is an approximate one. */
function expandApproxTopK(context: ExpandContext): readonly string[] {
	const { node, inputs, types, add, addMany, constantOf, scalar } = context;
	const { dtype: T, shape } = types[0];
	if (shape === undefined || !boolAttr(node, "aggregate_to_topk"))
		throw fail(
			"UNSUPPORTED",
			"cannot expand ApproxTopK: the rank of its input is not known, or its answers are not aggregated",
		);
	const axis = normalizeAxis(
		intAttr(node, "reduction_dimension"),
		shape.length,
	);
	const order = shape.map((_, i) => i);
	const last = shape.length - 1;
	[order[axis], order[last]] = [last, axis];
	const perm = constantOf(tensorFromNumbers("int32", [order.length], order));
	const moved = (value: string, dtype: DType) =>
		axis === last
			? value
			: add("Transpose", [value, perm], { T: dtype, Tperm: "int32" });
	const turned = (value: string) =>
		boolAttr(node, "is_max_k") ? value : add("Neg", [value], { T });
	const [values, places] = addMany(
		"TopKV2",
		[turned(moved(inputs[0], T)), scalar("int32", intAttr(node, "k"))],
		2,
		{ T, Tk: "int32", index_type: "int32", sorted: true },
	);
	return [moved(turned(values), T), moved(places, "int32")];
}

/** The element at place `n` in order is the last of the first n + 1; small ones come first when all are turned round. */
function expandNthElement(context: ExpandContext): readonly string[] {
	const { node, inputs, types, add, addMany, scalar } = context;
	const { dtype } = types[0];
	const { kind } = DTYPES[dtype];
	const turn = kind === "int" || kind === "bigint" ? "Invert" : "Neg";
	const turned = (value: string) =>
		node.attrs.reverse === true ? value : add(turn, [value], { T: dtype });
	const count = formula(context, "int32").add(inputs[1], 1);
	const [first] = addMany("TopKV2", [turned(inputs[0]), count], 2, {
		T: dtype,
		Tk: "int32",
		index_type: "int32",
		sorted: true,
	});
	const last = add("GatherV2", [first, inputs[1], scalar("int32", -1)], {
		Tparams: dtype,
		Tindices: "int32",
		Taxis: "int32",
		batch_dims: 0,
	});
	return [turned(last)];
}

/**
 * Whether fewer than k predictions are larger than that of the target. No target that is out of range, and none of a row
 * with a prediction that is not finite, is among the first (kernels/in_topk_op.h).
 */
function inTopK(context: ExpandContext, k: string, kType: DType): string {
	const { inputs, types, add, scalar } = context;
	const [predictions, targets] = inputs;
	const index = types[1].dtype;
	const { less, max, min, sub } = formula(context, index);
	const float = formula(context, "float32");
	const classes = castTo(
		context,
		add(
			"GatherV2",
			[
				add("Shape", [predictions], { T: "float32", out_type: "int32" }),
				scalar("int32", 1),
				scalar("int32", 0),
			],
			{ Tparams: "int32", Tindices: "int32", Taxis: "int32", batch_dims: 0 },
		),
		"int32",
		index,
	);
	const inRange = add("LogicalAnd", [
		less(-1, targets),
		less(targets, classes),
	]);
	const kept = max(min(targets, sub(classes, 1)), 0);
	const target = add(
		"GatherV2",
		[predictions, column(context, kept, index), scalar("int32", 1)],
		{
			Tparams: "float32",
			Tindices: index,
			Taxis: "int32",
			batch_dims: 1,
		},
	);
	const larger = castTo(
		context,
		float.greater(predictions, target),
		"bool",
		kType,
	);
	const count = add("Sum", [larger, scalar("int32", 1)], {
		T: kType,
		Tidx: "int32",
		keep_dims: false,
	});
	const finite = add(
		"All",
		[add("IsFinite", [predictions], { T: "float32" }), scalar("int32", 1)],
		{ Tidx: "int32", keep_dims: false },
	);
	const among = formula(context, kType).less(count, k);
	return add("LogicalAnd", [among, add("LogicalAnd", [finite, inRange])]);
}

/** [n] → [n, 1] */
function column({ add, scalar }: ExpandContext, value: string, T: DType) {
	return add("ExpandDims", [value, scalar("int32", 1)], { T, Tdim: "int32" });
}
