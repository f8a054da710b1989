import type { LiteContext, LiteValue } from "../lowering.js";
import { unfit } from "../lowering.js";

/** The elements of a constant input, as numbers; `undefined` if it is none. */
export function numbersOf(
	{ constant, inputs }: LiteContext,
	index: number,
): readonly number[] | undefined {
	const { elements } = inputs[index];
	if (elements?.every((element) => element !== undefined))
		return elements as readonly number[];
	const tensor = constant(index);
	return (
		tensor && Array.from(tensor.data as ArrayLike<number | bigint>, Number)
	);
}

/** The same, where there is no form without them. */
export function knownNumbers(
	context: LiteContext,
	index: number,
	what: string,
): readonly number[] {
	const numbers = numbersOf(context, index);
	if (numbers === undefined)
		throw unfit(`TensorFlow Lite must know ${what} beforehand`);
	return numbers;
}

/** One axis, counted from the first. */
export function knownAxis(
	context: LiteContext,
	index: number,
	rank: number,
): number {
	const [axis] = knownNumbers(context, index, "the axis");
	return axis < 0 ? axis + rank : axis;
}

/** Input `index` as a vector or scalar of int32: sizes, axes and places, which TensorFlow has in int64 too. */
export function int32Input(context: LiteContext, index: number): LiteValue {
	const { inputs, input, ints, cast } = context;
	const numbers = numbersOf(context, index);
	return numbers !== undefined && inputs[index].shape?.length === 1
		? ints(numbers)
		: cast(input(index), "int32");
}

export function rankOf({ inputs }: LiteContext, index: number): number {
	const rank = inputs[index].shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow Lite must know how many axes there are");
	return rank;
}
