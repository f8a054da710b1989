import type { DType, TypedArray } from "../../../tensor/dtype.js";
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

/** The least and the largest number of a type. */
export const INTEGERS: {
	readonly [Type in DType]?: readonly [TypedArray, TypedArray];
} = {
	int8: [Int8Array.of(-(2 ** 7)), Int8Array.of(2 ** 7 - 1)],
	int16: [Int16Array.of(-(2 ** 15)), Int16Array.of(2 ** 15 - 1)],
	int32: [Int32Array.of(-(2 ** 31)), Int32Array.of(2 ** 31 - 1)],
	int64: [BigInt64Array.of(-(2n ** 63n)), BigInt64Array.of(2n ** 63n - 1n)],
	uint8: [Uint8Array.of(0), Uint8Array.of(2 ** 8 - 1)],
	uint16: [Uint16Array.of(0), Uint16Array.of(2 ** 16 - 1)],
	uint64: [BigUint64Array.of(0n), BigUint64Array.of(2n ** 64n - 1n)],
	uint32: [Uint32Array.of(0), Uint32Array.of(2 ** 32 - 1)],
};
