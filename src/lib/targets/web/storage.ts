import { fail } from "../../errors.js";
import type { Constant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import { fromBfloat16, fromFloat16 } from "../../tensor/half.js";
import type { Tensor } from "../../tensor/tensor.js";

/** The element types of TensorFlow.js that we write. */
export type WebDType = "float32" | "int32" | "bool" | "complex64" | "string";

/**
 * In which of TensorFlow.js's element types a value is held, or why in none. Held means that all values fit: half and
 * bfloat16 in float32, small integers in int32. An int64 is held as int32 too, because it mostly is an index, a size or a
 * class: whoever feeds one that is larger is refused, a constant that is larger is refused, and so is arithmetic that
 * could make a larger one (`wraps` in arithmetic.ts).
 */
export function webStorage(
	dtype: DType,
): WebDType | { readonly reason: string } {
	return heldIn(dtype, STORAGE[dtype]);
}

/** As `webStorage`, where a narrower type will do: doubles in float32, what is unsigned or long in int32. */
export function narrowStorage(
	dtype: DType,
): WebDType | { readonly reason: string } {
	return heldIn(dtype, STORAGE[dtype] ?? NARROWER[dtype]);
}

function heldIn(
	dtype: DType,
	held: WebDType | undefined,
): WebDType | { readonly reason: string } {
	return held ?? { reason: `TensorFlow.js has no ${dtype} tensors` };
}

const STORAGE: Readonly<Partial<Record<DType, WebDType>>> = {
	float32: "float32",
	float16: "float32",
	bfloat16: "float32",
	int32: "int32",
	int64: "int32",
	int16: "int32",
	uint16: "int32",
	int8: "int32",
	uint8: "int32",
	bool: "bool",
	complex64: "complex64",
};

const NARROWER: Readonly<Partial<Record<DType, WebDType>>> = {
	float64: "float32",
	uint32: "int32",
	uint64: "int32",
	complex128: "complex64",
	// plain JavaScript kernels alone take them, and not all
	string: "string",
};

/** The elements as TensorFlow.js holds them. Fails with INVALID where a whole number does not fit into 32 bits. */
export function toWebStorage({
	dtype,
	data,
}: Tensor): Float32Array | Int32Array | Uint8Array {
	if (!ArrayBuffer.isView(data)) return stringBytes(data);
	const convert = CONVERSIONS[dtype];
	if (convert === undefined)
		throw fail("BUG", `a ${dtype} tensor was to be given to TensorFlow.js`);
	return convert(data);
}

/** Each string behind its length in four bytes (tfjs-core/src/io/io_utils.ts, encodeWeights). */
function stringBytes(strings: readonly Uint8Array[]): Uint8Array {
	const length = Buffer.alloc(4);
	return Buffer.concat(
		strings.flatMap((bytes) => {
			length.writeUInt32LE(bytes.length);
			return [Buffer.from(length), bytes];
		}),
	);
}

type Convert = (
	data: ArrayBufferView,
) => Float32Array | Int32Array | Uint8Array;

const widened: Convert = (data) => Int32Array.from(data as Uint8Array);

const CONVERSIONS: Readonly<Partial<Record<DType, Convert>>> = {
	float32: (data) => data as Float32Array,
	float16: (data) => fromFloat16(data as Uint16Array),
	bfloat16: (data) => fromBfloat16(data as Uint16Array),
	complex64: (data) => data as Float32Array,
	bool: (data) => data as Uint8Array,
	int32: (data) => data as Int32Array,
	int64: (data) => narrowed(data as BigInt64Array),
	uint32: (data) => narrowed(data as Uint32Array),
	uint64: (data) => narrowed(data as BigUint64Array),
	float64: (data) => Float32Array.from(data as Float64Array),
	complex128: (data) => Float32Array.from(data as Float64Array),
	int16: widened,
	uint16: widened,
	int8: widened,
	uint8: widened,
};

function narrowed(
	data: BigInt64Array | BigUint64Array | Uint32Array,
): Int32Array {
	const values = new Int32Array(data.length);
	for (let i = 0; i < data.length; i++) {
		const value = Number(data[i]);
		if (value !== (value | 0))
			throw fail(
				"INVALID",
				`cannot give ${data[i]} to TensorFlow.js: it holds whole numbers in 32 bits`,
			);
		values[i] = value;
	}
	return values;
}

/** A weight of a model: its elements are read when they are written. */
export interface WebWeight {
	readonly name: string;
	readonly dtype: WebDType;
	readonly constant: Constant;
}
