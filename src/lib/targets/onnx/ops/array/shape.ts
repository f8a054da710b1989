import { fail } from "../../../../errors.js";
import { intsAttr } from "../../../../graph/attrs.js";
import type { shapeOps } from "../../../../ops/array/shape.js";
import { isStatic, normalizeAxis } from "../../../../ops/shapes.js";
import { elementwise } from "../../elementwise.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";

const identity: Lowering = (context) => elementwise(context, "Identity");

const identities: Lowering = (context) =>
	context.node.inputs.map((_, index) => context.input(index));

/** The sizes as the type that the node wants; TensorFlow's order of axes, whatever the order in ONNX. */
const shape: Lowering = (context) =>
	context.cast(sizes(context), context.outputs[0].dtype);

function sizes({
	emit,
	input,
	channelsFirst,
	isChannelsFirst,
	inputs,
	ints,
}: LowerContext): OnnxValue {
	const rank = inputs[0].shape?.length;
	if (!isChannelsFirst(0) || rank === undefined)
		return emit("Shape", [input(0)], {}, { dtype: "int64" });
	const turned = emit("Shape", [channelsFirst(0)], {}, { dtype: "int64" });
	return emit("Gather", [
		turned,
		ints([0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]),
	]);
}

const reshape: Lowering = (context) => {
	const { emit, input, cast, ints, outputs } = context;
	const wanted = outputs[0].shape;
	// one unknown size may be left to ONNX, if no size is 0, which ONNX would copy from the input
	const open = wanted?.filter((size) => size < 0).length;
	if (
		wanted !== undefined &&
		open !== undefined &&
		open <= 1 &&
		!wanted.includes(0)
	)
		return emit("Reshape", [input(0), ints(wanted)]);
	return emit("Reshape", [input(0), cast(input(1), "int64")], { allowzero: 1 });
};

const expandDims: Lowering = (context) => {
	const axis = context.constant(1);
	if (axis !== undefined)
		return context.emit("Unsqueeze", [
			context.input(0),
			context.ints([Number(axis.data[0])]),
		]);
	return context.emit("Unsqueeze", [
		context.input(0),
		context.emit("Reshape", [
			context.cast(context.input(1), "int64"),
			context.ints([1]),
		]),
	]);
};

/** Without axes ONNX too drops every 1; with them known the result's rank is. */
const squeeze: Lowering = (context) => {
	const given = context.inputs[0].shape;
	const listed = intsAttr(context.node, "squeeze_dims");
	if (listed.length > 0)
		return context.emit("Squeeze", [
			context.input(0),
			context.ints(
				given === undefined
					? listed
					: listed.map((axis) => normalizeAxis(axis, given.length)),
			),
		]);
	if (!isStatic(given)) return context.emit("Squeeze", [context.input(0)]);
	const axes = given.flatMap((size, axis) => (size === 1 ? [axis] : []));
	return axes.length === 0
		? context.input(0)
		: context.emit("Squeeze", [context.input(0), context.ints(axes)]);
};

export const shapeLowerings: LoweringTable<typeof shapeOps> = {
	Identity: identity,
	IdentityN: identities,
	Snapshot: identity,
	StopGradient: identity,
	PreventGradient: identity,
	CheckNumerics: identity,
	EnsureShape: identity,
	Shape: shape,
	Rank: (context) => {
		const rank = context.emit(
			"Size",
			[context.emit("Shape", [context.input(0)], {}, { dtype: "int64" })],
			{},
			{ dtype: "int64" },
		);
		return context.cast(rank, "int32");
	},
	Size: (context) =>
		context.cast(
			context.emit("Size", [anyOrder(context)], {}, { dtype: "int64" }),
			context.outputs[0].dtype,
		),
	Reshape: reshape,
	ExpandDims: expandDims,
	Squeeze: squeeze,
};

function anyOrder(context: LowerContext): OnnxValue {
	return context.isChannelsFirst(0)
		? context.channelsFirst(0)
		: context.input(0);
}

/** For rows that need to know the rank. */
export function knownRank({ inputs, node }: LowerContext, index = 0): number {
	const rank = inputs[index].shape?.length;
	if (rank === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot lower ${node.op}: the rank of its input ${index} is not known`,
		);
	return rank;
}
