import type { DType, NumericArray, TypedArray } from "./dtype.js";
import { allocate, type Tensor } from "./tensor.js";

/** Numbers one after another, none of them a bigint. */
export type Numbers = NumericArray | readonly number[];

/**
 * The elements of an integer tensor as numbers: exact up to 2^53, the nearest beyond. Indices, sizes, splits; bigints are
 * read by their two halves, which is ten times faster than converting each.
 */
export function integersOf({ data }: Pick<Tensor, "data">): NumericArray {
	if (!(data instanceof BigInt64Array || data instanceof BigUint64Array))
		return data as NumericArray;
	const numbers = new Float64Array(data.length);
	const low = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
	const high =
		data instanceof BigInt64Array
			? new Int32Array(data.buffer, data.byteOffset, 2 * data.length)
			: low;
	for (let i = 0; i < numbers.length; i++)
		numbers[i] = high[2 * i + 1] * 2 ** 32 + low[2 * i];
	return numbers;
}

/** Whole numbers as storage of an integer type, each between -2^53 and 2^53. */
export function integerData(dtype: DType, numbers: Numbers): TypedArray {
	const data = allocate(dtype, numbers.length) as TypedArray;
	if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) {
		data.set(numbers);
		return data;
	}
	const words = new Uint32Array(data.buffer);
	for (let i = 0; i < numbers.length; i++) {
		words[2 * i] = numbers[i];
		words[2 * i + 1] = Math.floor(numbers[i] / 2 ** 32);
	}
	return data;
}

/** An int64 tensor of whole numbers. */
export function longTensor(shape: readonly number[], numbers: Numbers): Tensor {
	return { dtype: "int64", shape, data: integerData("int64", numbers) };
}
