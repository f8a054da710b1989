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
