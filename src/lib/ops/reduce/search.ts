import { dtypeAttr, floatsAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import {
	composite,
	type ExpandContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { castTo } from "../formula.js";
import { knownElements, normalizeAxis } from "../shapes.js";

/** Ops that find values among others. */
export const searchOps = {
	Unique: primitive(unique(2)),
	UniqueV2: primitive(unique(2)),
	UniqueWithCounts: primitive(unique(3)),
	UniqueWithCountsV2: primitive(unique(3)),
	Bucketize: composite(expandBucketize),
	LowerBound: composite((context) => [bound(context, "Less")]),
	UpperBound: composite((context) => [bound(context, "LessEqual")]),
} as const satisfies Record<string, OpEntry>;

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
