import { arithmetic } from "../../arithmetic.js";
import type { LiteContext, LiteValue } from "../../lowering.js";
import { int32Input } from "../numbers.js";
import { reshaped } from "../rows.js";

/** Input `index`, which an axis is read from when it runs, counted from the first of `rank`. */
export function axisValue(
	context: LiteContext,
	index: number,
	rank: number,
	place = 0,
): LiteValue {
	const { emit, ints, inputs } = context;
	const axes = int32Input(context, index);
	const isScalar = inputs[index].shape?.length === 0;
	const axis = isScalar
		? axes
		: reshaped(
				context,
				emit("SLICE", [axes, ints([place]), ints([1])], {
					dtype: "int32",
					shape: [1],
				}),
				[],
			);
	const { less, choose, add } = arithmetic(context);
	return choose(less(axis, 0), add(axis, rank), axis);
}

/** A value whose first axis and another one, which a run decides, have changed places; twice is as before. */
export function exchanged(
	context: LiteContext,
	value: LiteValue,
	axis: LiteValue,
): LiteValue {
	const { emit, ints } = context;
	const rank = value.shape?.length ?? 0;
	const { equal, choose } = arithmetic(context);
	const order = ints(Array.from({ length: rank }, (_, i) => i));
	const others = choose(equal(order, 0), axis, order);
	return emit("TRANSPOSE", [value, choose(equal(order, axis), 0, others)], {
		dtype: value.dtype,
		shape: value.shape?.map(() => -1),
	});
}
