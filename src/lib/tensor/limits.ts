import { DTYPES, type DType, type TypedArray } from "./dtype.js";
import { tensorFromNumbers } from "./numbers.js";
import { allocate, type Tensor } from "./tensor.js";

/** The lowest or highest finite value of a numeric type, as a scalar. */
export function limitTensor(dtype: DType, end: "lowest" | "highest"): Tensor {
	const { kind, bytes } = DTYPES[dtype];
	if (kind === "float" || kind === "half") {
		const highest = HIGHEST_FLOATS[dtype] ?? Number.MAX_VALUE;
		return tensorFromNumbers(
			dtype,
			[],
			[end === "lowest" ? -highest : highest],
		);
	}
	const data = allocate(dtype, 1) as TypedArray;
	const value = integerLimit(dtype.startsWith("u"), 8 * bytes, end);
	data[0] = kind === "bigint" ? value : Number(value);
	return { dtype, shape: [], data };
}

const HIGHEST_FLOATS: Readonly<Partial<Record<DType, number>>> = {
	float32: 3.4028234663852886e38,
	float16: 65504,
	bfloat16: 3.3895313892515355e38,
};

function integerLimit(
	isUnsigned: boolean,
	bits: number,
	end: "lowest" | "highest",
): bigint {
	if (isUnsigned) return end === "lowest" ? 0n : 2n ** BigInt(bits) - 1n;
	const half = 2n ** BigInt(bits - 1);
	return end === "lowest" ? -half : half - 1n;
}
