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
import { integerVector, knownIntegers } from "./integers.js";
import { arranged, flatInput, oriented, orientedAxes } from "./orientation.js";

const identity: Lowering = (context) => elementwise(context, "Identity");

const identities: Lowering = (context) =>
	context.node.inputs.map((_, index) => oriented(context, index).value);

/** The sizes as the type that the node wants; TensorFlow's order of axes, whatever the order in ONNX. */
const shape: Lowering = (context) =>
	context.cast(sizes(context), context.outputs[0].dtype);

function sizes(context: LowerContext): OnnxValue {
	const { emit, inputs, ints } = context;
	const rank = inputs[0].shape?.length ?? 0;
	const { value } = oriented(context);
	const found = emit("Shape", [value], {}, { dtype: "int64" });
	const axes = orientedAxes(context, rank);
	return value.channelsFirst
		? emit("Gather", [found, ints(axes.map((_, i) => axes.indexOf(i)))])
		: found;
}

const reshape: Lowering = (context) => {
	const { emit, ints, outputs } = context;
	const wanted = outputs[0].shape;
	const x = flatInput(context);
	// one unknown size may be left to ONNX, if no size is 0, which ONNX would copy from the input
	if (
		wanted !== undefined &&
		wanted.filter((size) => size < 0).length <= 1 &&
		!wanted.includes(0)
	)
		return emit("Reshape", [x, ints(wanted)]);
	return emit("Reshape", [x, integerVector(context, 1)], { allowzero: 1 });
};

/** An axis between the first and the last of a picture leaves it channels first. */
const expandDims: Lowering = (context) => {
	const { emit, inputs, ints } = context;
	const axis = knownIntegers(context, 1)?.[0];
	const rank = inputs[0].shape?.length;
	if (axis === undefined)
		return emit("Unsqueeze", [context.input(0), integerVector(context, 1)]);
	if (rank === undefined)
		return emit("Unsqueeze", [context.input(0), ints([axis])]);
	const at = normalizeAxis(axis, rank + 1);
	if (at === 0 || at === rank)
		return emit("Unsqueeze", [context.input(0), ints([at])]);
	const axes = orientedAxes(context, rank);
	return arranged(
		context,
		oriented(context).value,
		axes.map((before) => (before < at ? before : before + 1)),
		[at],
	);
};

/** Without axes ONNX too drops every 1; with them known the result's rank is. */
const squeeze: Lowering = (context) => {
	const { emit, inputs, ints, node } = context;
	const given = inputs[0].shape;
	const listed = intsAttr(node, "squeeze_dims");
	if (given === undefined || (listed.length === 0 && !isStatic(given)))
		return emit("Squeeze", [
			context.input(0),
			listed.length === 0 ? undefined : ints(listed),
		]);
	const dropped =
		listed.length > 0
			? listed.map((axis) => normalizeAxis(axis, given.length))
			: given.flatMap((size, axis) => (size === 1 ? [axis] : []));
	const { value } = oriented(context);
	if (dropped.length === 0) return value;
	const axes = orientedAxes(context, given.length);
	const kept = axes.filter((axis) => !dropped.includes(axis));
	const squeezed = emit("Squeeze", [
		value,
		ints(dropped.map((axis) => axes.indexOf(axis))),
	]);
	const order = kept.toSorted((a, b) => a - b);
	return arranged(
		context,
		squeezed,
		kept.map((axis) => order.indexOf(axis)),
	);
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
		const { emit, cast } = context;
		const found = emit(
			"Shape",
			[oriented(context).value],
			{},
			{ dtype: "int64" },
		);
		return cast(emit("Size", [found]), "int32");
	},
	Size: (context) => {
		const { emit, cast, outputs } = context;
		const count = emit(
			"Size",
			[oriented(context).value],
			{},
			{ dtype: "int64" },
		);
		return cast(count, outputs[0].dtype);
	},
	Reshape: reshape,
	ExpandDims: expandDims,
	Squeeze: squeeze,
};
