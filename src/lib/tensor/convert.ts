import { fail } from "../errors.js";
import {
	type BigArray,
	DTYPES,
	type DType,
	type DTypeKind,
	type NumericArray,
	type TypedArray,
} from "./dtype.js";
import {
	bfloat16ToNumber,
	float16ToNumber,
	numberToBfloat16,
	numberToFloat16,
} from "./half.js";
import { allocate, type Tensor } from "./tensor.js";

/**
 * A tensor of another element type with the same values: integers and booleans exactly, floats rounded. For files, as numpy
 * makes float64 and int64 of what is not told otherwise. Fails with INVALID where a value would be another one, or is
 * none (text, complex numbers).
 */
export function convertTensor(source: Tensor, dtype: DType): Tensor {
	if (source.dtype === dtype) return source;
	const from = DTYPES[source.dtype].kind;
	const to = DTYPES[dtype].kind;
	if (from === "complex" && to === "complex")
		return {
			...source,
			dtype,
			data: converted(source.data as NumericArray, dtype),
		};
	if (!NUMBERS.has(from) || !NUMBERS.has(to))
		throw fail(
			"INVALID",
			`cannot make ${dtype} of ${source.dtype}: one is no number`,
		);
	const target = INTEGERS.has(to)
		? integers(source, dtype)
		: converted(numbersOf(source), dtype);
	return { ...source, dtype, data: target };
}

const NUMBERS: ReadonlySet<DTypeKind> = new Set([
	"float",
	"half",
	"int",
	"bigint",
	"quantized",
	"bool",
]);
const INTEGERS: ReadonlySet<DTypeKind> = new Set([
	"int",
	"bigint",
	"quantized",
	"bool",
]);

type Numbers = NumericArray | BigArray;

/** The elements as numbers: half types by their value. */
export function numbersOf({ dtype, data }: Tensor): Numbers {
	const toNumber = FROM_BITS[dtype];
	return toNumber === undefined
		? (data as Numbers)
		: Float64Array.from(data as Uint16Array, toNumber);
}

type OfNumber = (value: number) => number;

const FROM_BITS: Partial<Record<DType, OfNumber>> = {
	float16: float16ToNumber,
	bfloat16: bfloat16ToNumber,
};
const TO_BITS: Partial<Record<DType, OfNumber>> = {
	float16: numberToFloat16,
	bfloat16: numberToBfloat16,
};

/** Floats of any numbers, or the two parts of complex ones. */
function converted(values: Numbers, dtype: DType): TypedArray {
	const { lanes } = DTYPES[dtype];
	const data = allocate(dtype, values.length / lanes) as NumericArray;
	const toBits = TO_BITS[dtype];
	for (let i = 0; i < data.length; i++) {
		const value = Number(values[i]);
		data[i] = toBits === undefined ? value : toBits(value);
	}
	return data;
}

function integers(source: Tensor, dtype: DType): TypedArray {
	const values = numbersOf(source);
	const isBig = DTYPES[dtype].kind === "bigint";
	const data = allocate(dtype, values.length) as Numbers;
	for (let i = 0; i < values.length; i++) {
		const value = values[i];
		if (typeof value === "number" && !Number.isInteger(value))
			throw unlike(source, i, value, dtype);
		data[i] = (isBig ? BigInt(value) : Number(value)) as never;
		const isBool = dtype === "bool";
		if (Number(data[i]) !== Number(value) || (isBool && Number(value) > 1))
			throw unlike(source, i, value, dtype);
	}
	return data;
}

function unlike(
	source: Tensor,
	index: number,
	value: number | bigint,
	dtype: DType,
) {
	return fail(
		"INVALID",
		`cannot make ${dtype} of ${source.dtype}: element ${index} is ${value}`,
	);
}
