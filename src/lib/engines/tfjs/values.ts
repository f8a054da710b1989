import { narrowStorage, toWebStorage } from "../../targets/web/storage.js";
import { convertTensor } from "../../tensor/convert.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { toBfloat16, toFloat16 } from "../../tensor/half.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";
import type { Tfjs, TfjsTensor } from "./packages.js";

/** A tensor in TensorFlow.js. Fails with INVALID for an int64 that has more than 32 bits. */
export function toTfjs(tf: Tfjs, tensor: Tensor): TfjsTensor {
	const { shape } = tensor;
	if (!ArrayBuffer.isView(tensor.data))
		return tf.tensor(tensor.data, shape, "string");
	const data = toWebStorage(tensor);
	const held = narrowStorage(tensor.dtype) as string;
	if (held !== "complex64") return tf.tensor(data, shape, held);
	const [real, imaginary] = [0, 1].map((lane) =>
		tf.tensor(
			(data as Float32Array).filter((_, i) => i % 2 === lane),
			shape,
			"float32",
		),
	);
	const value = tf.complex(real, imaginary);
	real.dispose();
	imaginary.dispose();
	return value;
}

/** The tensor that TensorFlow.js returned, as the element type that the signature promises, in storage of its own. */
export function fromTfjs(tf: Tfjs, value: TfjsTensor, dtype: DType): Tensor {
	const shape = [...value.shape];
	if (DTYPES[dtype].kind === "complex")
		return convertTensor(
			{ dtype: "complex64", shape, data: interleaved(tf, value) },
			dtype,
		);
	if (dtype === "string") {
		// text in UTF-8, as TensorFlow.js keeps it
		const texts = value.dataSync() as unknown as readonly string[];
		return {
			dtype,
			shape,
			data: Array.from(texts, (one) => new TextEncoder().encode(one)),
		};
	}
	const convert = CONVERSIONS[dtype];
	const values = value.dataSync();
	return {
		dtype,
		shape,
		data: convert === undefined ? copied(values, dtype) : convert(values),
	};
}

type Values = Float32Array | Int32Array | Uint8Array;

const CONVERSIONS: Readonly<
	Partial<Record<DType, (values: Values) => TensorData>>
> = {
	float16: (values) => toFloat16(values),
	bfloat16: (values) => toBfloat16(values),
	uint64: (values) => BigUint64Array.from(values as Int32Array, BigInt),
	int64: (values) => BigInt64Array.from(values as Int32Array, BigInt),
};

/** TensorFlow.js may return the array that a weight lies in. */
function copied(values: Values, dtype: DType): TensorData {
	const data = allocate(dtype, values.length);
	(data as Float32Array).set(values);
	return data;
}

function interleaved(tf: Tfjs, value: TfjsTensor): Float32Array {
	const data = new Float32Array(
		elementCount(value.shape) * DTYPES.complex64.lanes,
	);
	for (const [lane, part] of [tf.real(value), tf.imag(value)].entries()) {
		for (const [i, number] of part.dataSync().entries())
			data[2 * i + lane] = number;
		part.dispose();
	}
	return data;
}
