import { isStatic, normalizeAxis } from "../../../../ops/shapes.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** The axes in input 1, if they are constants: not negative if the rank is known, else as they are. */
export function constantAxes({
	constant,
	inputs: [{ shape }],
}: LowerContext): readonly number[] | undefined {
	const tensor = constant(1);
	if (tensor === undefined) return undefined;
	const axes = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
	return shape === undefined
		? axes
		: [...new Set(axes.map((axis) => normalizeAxis(axis, shape.length)))];
}

/** The axes in input 1 as a vector of int64. */
export function runtimeAxes({
	emit,
	cast,
	input,
	ints,
}: LowerContext): OnnxValue {
	return emit("Reshape", [cast(input(1), "int64"), ints([-1])]);
}

/** Whether every one of these axes has at least one element, as far as is known. */
export function hasElements(
	{ inputs: [{ shape }] }: LowerContext,
	axes: readonly number[],
): boolean {
	return isStatic(shape && axes.map((axis) => shape[axis] - 1));
}

/** A value whose axes are joined to three, so that one that is known at run time only becomes the second. */
export interface MiddleAxis {
	/** [before, size, after] */
	readonly value: OnnxValue;
	/** [before, after] or [before, size, after] in the original axes, without or with the one in the middle. */
	restored(value: OnnxValue, hasAxis: boolean): OnnxValue;
}

export function middleAxis(context: LowerContext): MiddleAxis {
	const { emit, input, ints } = context;
	const sizes = emit("Shape", [input(0)], {}, { dtype: "int64" });
	const given = runtimeAxes(context);
	const rank = emit("Shape", [sizes], {}, { dtype: "int64" });
	// negative axes count from the end, and others stay as they are
	const axis = emit("Mod", [emit("Add", [given, rank]), rank]);
	const next = emit("Add", [axis, ints([1])]);
	const before = emit("Slice", [sizes, ints([0]), axis]);
	const size = emit("Slice", [sizes, axis, next]);
	const after = emit("Slice", [sizes, next, rank]);
	const product = (list: OnnxValue) =>
		emit("ReduceProd", [list, ints([0])], { keepdims: 1 });
	const joined = (...parts: OnnxValue[]) => emit("Concat", parts, { axis: 0 });
	// a size of 0 is one, not that of the input
	const reshaped = (value: OnnxValue, shape: OnnxValue) =>
		emit("Reshape", [value, shape], { allowzero: 1 });
	return {
		value: reshaped(input(0), joined(product(before), size, product(after))),
		restored: (value, hasAxis) =>
			reshaped(value, hasAxis ? sizes : joined(before, after)),
	};
}
