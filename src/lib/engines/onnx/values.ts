import type {
	Tensor as OnnxTensor,
	TensorConstructor,
} from "onnxruntime-common";
import { fail } from "../../errors.js";
import { bytesOfText, textOfBytes } from "../../targets/onnx/strings.js";
import { type DType, isDType } from "../../tensor/dtype.js";
import { fromBfloat16, toBfloat16 } from "../../tensor/half.js";
import {
	elementCount,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";

/** A tensor in ONNX Runtime's types.  */
export function toOnnx(tensor: Tensor, Tensor: TensorConstructor): OnnxTensor {
	const { dtype, shape, data } = tensor;
	if (!ArrayBuffer.isView(data))
		return new Tensor("string", data.map(textOfBytes), shape);
	if (dtype === "bfloat16")
		return new Tensor("float32", fromBfloat16(data as Uint16Array), shape);
	return new Tensor(
		dtype as "float32",
		halfArray(dtype, data) as Float32Array,
		shape,
	);
}

/** The tensor that ONNX Runtime returned, as the element type that the signature promises. */
export function fromOnnx(value: OnnxTensor, dtype: DType): Tensor {
	const shape = [...value.dims];
	if (value.type === "string")
		return {
			dtype,
			shape,
			data: (value.data as string[]).map((text) => bytesOfText(text)),
		};
	if (dtype === "bfloat16" && value.type === "float32")
		return { dtype, shape, data: toBfloat16(value.data as Float32Array) };
	if (!isDType(value.type))
		throw fail("BUG", `ONNX Runtime returned a tensor of type ${value.type}`);
	const data =
		value.type === "float16"
			? bitsOf(value.data as ArrayBufferView)
			: (value.data as TensorData);
	// an empty tensor comes back without storage of its type
	return {
		dtype: value.type,
		shape,
		data: elementCount(shape) === 0 ? data.slice(0, 0) : data,
	};
}

/** Engines with Float16Array (Node 24) want it for float16, others a Uint16Array of its bits. */
function halfArray(dtype: DType, data: ArrayBufferView): ArrayBufferView {
	const Float16 = (
		globalThis as {
			Float16Array?: new (
				buffer: ArrayBufferLike,
				offset: number,
				length: number,
			) => ArrayBufferView;
		}
	).Float16Array;
	if (dtype !== "float16" || Float16 === undefined) return data;
	return new Float16(data.buffer, data.byteOffset, data.byteLength / 2);
}

function bitsOf(data: ArrayBufferView): Uint16Array {
	return new Uint16Array(
		data.buffer as ArrayBuffer,
		data.byteOffset,
		data.byteLength / 2,
	);
}
