import { dtypeAttr, floatsAttr, intAttr } from "../../graph/attrs.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { castTo, formula } from "../formula.js";
import { elementsOf, knownElements, normalizeAxis } from "../shapes.js";

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
	Unique: primitive(unique(2)),
	UniqueV2: primitive(unique(2)),
	UniqueWithCounts: primitive(unique(3)),
	UniqueWithCountsV2: primitive(unique(3)),
	Bucketize: composite(expandBucketize),
	LowerBound: composite((context) => [bound(context, "Less")]),
	UpperBound: composite((context) => [bound(context, "LessEqual")]),
} as const satisfies Record<string, OpEntry>;

function topK(values: ValueType, k: number, index: DType): ValueType[] {
	const shape = values.shape && [...values.shape.slice(0, -1), k];
	return [
		{ dtype: values.dtype, shape },
		{ dtype: index, shape },
	];
}

/** The values once each, for each element of the input the place of its value, and how often each occurs. */
function unique(outputs: number): InferRule {
	return (context) => {
		const [x] = context.inputs;
		const index = dtypeAttr(context.node, "out_idx");
		const [axis] =
			context.inputs.length > 1 ? (knownElements(context, 1) ?? []) : [];
		const { shape } = x;
		const along =
			axis === undefined || shape === undefined
				? undefined
				: normalizeAxis(axis, shape.length);
		const types: ValueType[] = [
			{
				dtype: x.dtype,
				shape: shape?.map((size, i) => (i === (along ?? 0) ? -1 : size)),
			},
			{ dtype: index, shape: shape && [shape[along ?? 0]] },
			{ dtype: index, shape: [-1] },
		];
		return types.slice(0, outputs);
	};
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

/** The number of boundaries that are not above: a number that is none of them is in the last bucket. */
function expandBucketize(context: ExpandContext): readonly string[] {
	const { node, inputs, types, add, scalar, constantOf } = context;
	const boundaries = floatsAttr(node, "boundaries");
	const T = types[0].dtype === "float64" ? "float64" : "float32";
	const value = castTo(context, inputs[0], types[0].dtype, T);
	const wide = add("ExpandDims", [value, scalar("int32", -1)], {
		T,
		Tdim: "int32",
	});
	const limits = constantOf(
		tensorFromNumbers(T, [boundaries.length], boundaries),
	);
	const below = add("Less", [wide, limits], { T });
	const passed = castTo(context, add("LogicalNot", [below]), "bool", "int32");
	return [
		add("Sum", [passed, scalar("int32", -1)], {
			T: "int32",
			Tidx: "int32",
			keep_dims: false,
		}),
	];
}

/** For each value, how many of its row of sorted inputs are before it. */
function bound(context: ExpandContext, comparison: string): string {
	const { node, inputs, types, add, scalar } = context;
	const T = types[0].dtype;
	const outType = dtypeAttr(node, "out_type");
	const expanded = (value: string, axis: number) =>
		add("ExpandDims", [value, scalar("int32", axis)], { T, Tdim: "int32" });
	const before = add(
		comparison,
		[expanded(inputs[0], 1), expanded(inputs[1], 2)],
		{ T },
	);
	return add(
		"Sum",
		[castTo(context, before, "bool", outType), scalar("int32", 2)],
		{
			T: outType,
			Tidx: "int32",
			keep_dims: false,
		},
	);
}
