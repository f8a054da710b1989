import { DTYPES, type DType, type TypedArray } from "./dtype.js";
import { allocate, type Tensor, tensor } from "./tensor.js";

/** A numeric tensor of these values, converted as a typed array converts: integers wrap. Not for half types or strings. */
export function tensorFromNumbers(
	dtype: DType,
	shape: readonly number[],
	values: readonly number[],
): Tensor {
	const data = allocate(dtype, values.length) as TypedArray;
	if (DTYPES[dtype].kind === "bigint")
		for (const [i, value] of values.entries()) data[i] = BigInt(value);
	else for (const [i, value] of values.entries()) data[i] = value;
	return tensor(dtype, shape, data);
}

/** A scalar of a numeric type. */
export function numberTensor(dtype: DType, value: number): Tensor {
	return tensorFromNumbers(dtype, [], [value]);
}
