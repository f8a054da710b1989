import { DTYPES, type DType, type TypedArray } from "./dtype.js";
import { numberToBfloat16, numberToFloat16 } from "./half.js";
import { allocate, type Tensor, tensor } from "./tensor.js";

/** A numeric tensor of these values, converted as a typed array converts: integers wrap. Not for strings. */
export function tensorFromNumbers(
	dtype: DType,
	shape: readonly number[],
	values: readonly number[],
): Tensor {
	const data = allocate(dtype, values.length) as TypedArray;
	const store = STORED[dtype] ?? ((value: number) => value);
	if (DTYPES[dtype].kind === "bigint")
		for (const [i, value] of values.entries()) data[i] = BigInt(value);
	else for (const [i, value] of values.entries()) data[i] = store(value);
	return tensor(dtype, shape, data);
}

/** A scalar of a numeric type. */
export function numberTensor(dtype: DType, value: number): Tensor {
	return tensorFromNumbers(dtype, [], [value]);
}

/** Types that are held as bits. */
const STORED: Readonly<Partial<Record<DType, (value: number) => number>>> = {
	float16: numberToFloat16,
	bfloat16: numberToBfloat16,
};
