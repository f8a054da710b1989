import { boolAttr } from "../../../../graph/attrs.js";
import type { reductionOps } from "../../../../ops/reduce/reduction.js";
import { expressions } from "../../expression.js";
import { channelsFirstAxis, channelsFirstList } from "../../layout.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { middleAxis } from "../../middle-axis.js";
import { constantAxes, hasElements, runtimeAxes } from "./axes.js";
import { largest, smallest } from "./extreme.js";
import { isFloat, type Reduction, reduced } from "./reduced.js";
import { sortable } from "./sorting.js";
import { mean, product, sum } from "./sums.js";

export const reductionLowerings: LoweringTable<typeof reductionOps> = {
	Sum: reduction(sum),
	Prod: reduction(product),
	Max: reduction(largest),
	Min: reduction(smallest),
	Mean: reduction(mean),
	EuclideanNorm: reduction((it) => reduced(it, "ReduceL2"), "Abs"),
	All: reduction(logical("ReduceMin")),
	Any: reduction(logical("ReduceMax")),
	ArgMax: position("ArgMax", -Infinity),
	ArgMin: position("ArgMin", Infinity),
};

type Compute = (reduction: Reduction) => OnnxValue;

/** `ofOne` is what the reduction makes of each element when there are no axes. */
function reduction(compute: Compute, ofOne = "Identity"): Lowering {
	return (context) => {
		const axes = constantAxes(context);
		if (axes?.length === 0) return ofEach(context, ofOne);
		return (
			reducedChannelsFirst(context, axes, compute) ??
			compute({
				context,
				x: context.input(0),
				shape: context.inputs[0].shape,
				axes: axes === undefined ? runtimeAxes(context) : context.ints(axes),
				known: axes,
				isNeverEmpty: axes !== undefined && hasElements(context, axes),
				isPooling: false,
			})
		);
	};
}

function ofEach(context: LowerContext, op: string): OnnxValue {
	if (!context.isChannelsFirst(0)) return context.emit(op, [context.input(0)]);
	const output = context.emit(op, [context.channelsFirst(0)]);
	return { ...output, channelsFirst: true };
}

/** Reduces a value that is channels first where that gives the same order of axes, or keeps all of them. */
function reducedChannelsFirst(
	context: LowerContext,
	axes: readonly number[] | undefined,
	compute: Compute,
): OnnxValue | undefined {
	const rank = context.inputs[0].shape?.length;
	if (axes === undefined || rank === undefined || !context.isChannelsFirst(0))
		return undefined;
	const keepDims = boolAttr(context.node, "keep_dims");
	const isSpatial =
		axes.length === rank - 2 &&
		axes.every((axis) => axis > 0 && axis < rank - 1);
	if (!keepDims && !isSpatial && !axes.includes(rank - 1)) return undefined;
	const moved = axes
		.map((axis) => channelsFirstAxis(axis, rank))
		.sort((a, b) => a - b);
	const output = compute({
		context,
		x: context.channelsFirst(0),
		shape: channelsFirstList(context.inputs[0].shape ?? []),
		axes: context.ints(moved),
		known: moved,
		// a picture has pixels, however many
		isNeverEmpty: isSpatial || hasElements(context, axes),
		isPooling: isSpatial,
	});
	return keepDims ? { ...output, channelsFirst: true } : output;
}

/** ONNX Runtime reduces bool as such only where there are elements. */
function logical(op: string): Compute {
	return (reduction) => {
		const { context, x } = reduction;
		const bits = reduced(reduction, op, context.cast(x, "uint8"));
		return context.cast(bits, "bool");
	};
}

/** The place of the first largest or smallest element along an axis; NaN is neither. */
function position(op: string, worst: number): Lowering {
	return (context) => {
		const { inputs, outputs, cast } = context;
		const { test, where } = expressions(context);
		const rank = inputs[0].shape?.length;
		const axis = constantAxes(context)?.[0];
		const found = (value: OnnxValue, along: number) =>
			context.emit(
				op,
				[
					isFloat(value)
						? where(test("IsNaN", value), worst, value)
						: sortable(context, value).value,
				],
				{ axis: along, keepdims: 0 },
				{ dtype: "int64" },
			);
		const positions = () => {
			if (axis === undefined) {
				const middle = middleAxis(
					context,
					context.input(0),
					runtimeAxes(context),
				);
				return middle.restored(found(middle.value, 1));
			}
			return rank !== undefined &&
				axis === rank - 1 &&
				context.isChannelsFirst(0)
				? found(context.channelsFirst(0), 1)
				: found(context.input(0), axis);
		};
		return cast(positions(), outputs[0].dtype);
	};
}
