import { expressions } from "./expression.js";
import type { LowerContext, OnnxValue } from "./lowering.js";

/** A value that has elements, whatever it was, and what is needed to cut away what that added. */
export interface NeverEmpty {
	readonly value: OnnxValue;
	/** The sizes that it had. */
	readonly sizes: OnnxValue;
}

/**
 * Axes of size 0 get one element, and so does `longer` if it is given. Some of ONNX Runtime's kernels divide by the
 * number of rows, which ends its process if there are none: TopK, Scan along an axis that is not the first, ConvTranspose in three dimensions, Einsum.
 */
export function neverEmpty(
	context: LowerContext,
	value: OnnxValue,
	rank: number,
	fill: OnnxValue,
	longer?: number,
): NeverEmpty {
	const { emit, cast, ints } = context;
	const { equal, max } = expressions(context);
	const ends = (of: (axis: number) => number) =>
		ints(Array.from({ length: rank }, (_, axis) => of(axis)));
	const sizes = emit("Shape", [value], {}, { dtype: "int64" });
	const missing = cast(equal(sizes, 0), "int64");
	const pads = emit(
		"Concat",
		[
			ends(() => 0),
			max(
				missing,
				ends((axis) => Number(axis === longer)),
			),
		],
		{ axis: 0 },
	);
	return { value: emit("Pad", [value, pads, fill]), sizes };
}

/** The first of a value's elements along its first axes, as many as `sizes` says. */
export function cutTo(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	sizes: OnnxValue,
	rank: number,
): OnnxValue {
	const axes = Array.from({ length: rank }, (_, axis) => axis);
	return rank === 0
		? value
		: emit("Slice", [value, ints(axes.map(() => 0)), sizes, ints(axes)]);
}

/**
 * A value of unknown rank, which fails the request if it has no elements, for kernels that would end the process. The
 * refusal is a division by its smallest size.
 */
export function refusedIfEmpty(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
): OnnxValue {
	const sizes = emit("Shape", [value], {}, { dtype: "int64" });
	const least = emit("ReduceMin", [
		emit("Concat", [sizes, ints([1])], { axis: 0 }),
	]);
	const one = emit("Div", [least, least]);
	return emit("Reshape", [value, emit("Mul", [sizes, one])]);
}
