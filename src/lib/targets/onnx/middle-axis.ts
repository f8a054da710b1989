import type { LowerContext, OnnxValue } from "./lowering.js";

/** A value whose axes are joined to three, so that one that is known at run time only becomes the second. */
export interface MiddleAxis {
	/** [before, size, after] */
	readonly value: OnnxValue;
	/** The sizes of all axes before the one in the middle, as a vector. */
	readonly before: OnnxValue;
	/** The size of the one in the middle, as a vector of one. */
	readonly size: OnnxValue;
	readonly after: OnnxValue;
	/** A value of [before, …, after] in the original axes; `sizes` are those that are in the middle now, if any. */
	restored(value: OnnxValue, ...sizes: readonly OnnxValue[]): OnnxValue;
}

/** `axis` is a vector of one int64; negative ones count from the end. */
export function middleAxis(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	axis: OnnxValue,
): MiddleAxis {
	const sizes = emit("Shape", [value], {}, { dtype: "int64" });
	const rank = emit("Shape", [sizes], {}, { dtype: "int64" });
	// negative axes count from the end, others stay as they are; a scalar has none, and nothing to divide by
	const at = emit("Mod", [
		emit("Add", [axis, rank]),
		emit("Max", [rank, ints([1])]),
	]);
	const next = emit("Add", [at, ints([1])]);
	const before = emit("Slice", [sizes, ints([0]), at]);
	const size = emit("Slice", [sizes, at, next]);
	const after = emit("Slice", [sizes, next, rank]);
	const product = (list: OnnxValue) =>
		emit("ReduceProd", [list, ints([0])], { keepdims: 1 });
	const reshape = (from: OnnxValue, ...parts: readonly OnnxValue[]) =>
		emit("Reshape", [from, emit("Concat", parts, { axis: 0 })], {
			allowzero: 1,
		});
	return {
		value: reshape(value, product(before), size, product(after)),
		before,
		size,
		after,
		restored: (result, ...middle) => reshape(result, before, ...middle, after),
	};
}
