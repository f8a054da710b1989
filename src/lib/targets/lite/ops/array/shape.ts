import { TensorType } from "../../../../../gen/tflite.js";
import { intsAttr } from "../../../../graph/attrs.js";
import type { shapeOps } from "../../../../ops/array/shape.js";
import type {
	LiteContext,
	LiteLowering,
	LiteTable,
	LiteValue,
} from "../../lowering.js";
import { int32Input } from "../numbers.js";
import { passed, reshaped, shapeOf } from "../rows.js";

const shapes: LiteLowering = ({ node, outputs, input, emit }) =>
	node.inputs.map((_, i) =>
		emit("SHAPE", [input(i)], outputs[i], [
			"ShapeOptions",
			{
				outType:
					outputs[i].dtype === "int64" ? TensorType.INT64 : TensorType.INT32,
			},
		]),
	);

const rank: LiteLowering = ({ inputs, scalar, emit, input, outputs }) => {
	const known = inputs[0].shape?.length;
	return known === undefined
		? emit("RANK", [input(0)], outputs[0])
		: scalar("int32", known);
};

const size: LiteLowering = (context) => {
	const { emit, input, ints, outputs, cast } = context;
	const sizes = shapeOf(context, input(0));
	const product = emit(
		"REDUCE_PROD",
		[sizes, ints([0])],
		{ dtype: "int32", shape: [] },
		["ReducerOptions", { keepDims: false }],
	);
	return cast(product, outputs[0].dtype);
};

/** To a shape that is known but for one size, which runtimes find before they run; else to one that they compute. */
const reshape: LiteLowering = (context) => {
	const { input, emit, outputs } = context;
	return (
		inKnownShape(context, input(0)) ??
		emit("RESHAPE", [input(0), int32Input(context, 1)], {
			dtype: input(0).dtype,
			shape: outputs[0].shape,
		})
	);
};

/** A value in the shape of the node's output, if at most one size of that is not known. */
export function inKnownShape(
	context: LiteContext,
	value: LiteValue,
): LiteValue | undefined {
	const { shape } = context.outputs[0];
	if (shape === undefined || shape.filter((n) => n < 0).length > 1)
		return undefined;
	// nothing tells how often no elements are
	if (shape.includes(-1) && shape.includes(0)) return undefined;
	return reshaped(context, value, shape);
}

const expandDims: LiteLowering = (context) => {
	const { input, emit, outputs } = context;
	return (
		inKnownShape(context, input(0)) ??
		emit("EXPAND_DIMS", [input(0), int32Input(context, 1)], {
			dtype: input(0).dtype,
			shape: outputs[0].shape,
		})
	);
};

const squeeze: LiteLowering = (context) => {
	const { node, input, emit, outputs } = context;
	return (
		inKnownShape(context, input(0)) ??
		emit(
			"SQUEEZE",
			[input(0)],
			{ dtype: input(0).dtype, shape: outputs[0].shape },
			["SqueezeOptions", { squeezeDims: intsAttr(node, "squeeze_dims") }],
		)
	);
};

export const shapeRows: LiteTable<typeof shapeOps> = {
	Identity: passed,
	IdentityN: passed,
	Snapshot: passed,
	StopGradient: passed,
	PreventGradient: passed,
	CheckNumerics: passed,
	EnsureShape: passed,
	Shape: shapes,
	Rank: rank,
	Size: size,
	Reshape: reshape,
	ExpandDims: expandDims,
	Squeeze: squeeze,
};
