import {
	type BigArray,
	DTYPES,
	type DType,
	type NumericArray,
	type TypedArray,
} from "../../tensor/dtype.js";
import { allocate } from "../../tensor/tensor.js";
import { rounded } from "../elementwise.js";

/** Real numbers convert to one another as in C on an x86 processor. */
export function converted(values: TypedArray, dtype: DType): TypedArray {
	const { kind } = DTYPES[dtype];
	if (values instanceof BigInt64Array || values instanceof BigUint64Array)
		return convertedBig(values, dtype);
	if (kind === "bool")
		return Uint8Array.from(values, (value) => +(value !== 0));
	const isFloat =
		values instanceof Float32Array || values instanceof Float64Array;
	if (kind === "bigint") {
		const data = allocate(dtype, values.length) as BigArray;
		for (let i = 0; i < values.length; i++)
			data[i] = BigInt(whole(values[i], 2 ** (dtype === "uint64" ? 64 : 63)));
		return data;
	}
	if (kind !== "int" || !isFloat) return rounded(dtype, values);
	const data = allocate(dtype, values.length) as NumericArray;
	const limit = 2 ** (dtype === "uint32" ? 63 : 31);
	for (let i = 0; i < values.length; i++) data[i] = whole(values[i], limit);
	return data;
}

/** A float without its fraction. The processor answers with its lowest integer for what is too large, and for NaN. */
function whole(value: number, limit: number): number {
	return Math.abs(value) < limit ? Math.trunc(value) : -limit;
}

function convertedBig(values: BigArray, dtype: DType): TypedArray {
	const { kind } = DTYPES[dtype];
	if (kind === "bool")
		return Uint8Array.from(values, (value) => +(value !== 0n));
	const data = allocate(dtype, values.length) as TypedArray;
	if (kind === "bigint") {
		for (let i = 0; i < values.length; i++) data[i] = values[i];
		return data;
	}
	const numbers = Array.from(values, (value) =>
		Number(kind === "int" ? BigInt.asIntN(32, value) : value),
	);
	return rounded(dtype, numbers);
}
