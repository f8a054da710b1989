import {
	fieldSize,
	varint64Size,
	varintSize,
	type WireWriter,
} from "../../formats/wire-writer.js";
import { DTYPES } from "../../tensor/dtype.js";
import { type Tensor, tensorBytes } from "../../tensor/tensor.js";

/** The two forms of a TensorProto: a field for each kind of type, or all bytes as they lie in memory. */
export type TensorForm = "fields" | "content";

/** A message that is measured first and written then, when its memory is there. */
export interface Measured {
	readonly size: number;
	write(writer: WireWriter): void;
}

/**
 * A TensorProto (tensorflow/core/framework/tensor.proto): type, shape and all elements, none left out because it repeats, as
 * Tensor::AsProtoField and AsProtoTensorContent write them.
 */
export function measureTensor(tensor: Tensor, form: TensorForm): Measured {
	const shape = measureShape(tensor.shape);
	const values =
		form === "content" ? measureContent(tensor) : measureFields(tensor);
	const { tf } = DTYPES[tensor.dtype];
	return {
		size: 2 + fieldSize(shape.size) + values.size,
		write: (writer) => {
			writer.varintField(DTYPE, tf);
			writer.head(TENSOR_SHAPE, shape.size);
			shape.write(writer);
			values.write(writer);
		},
	};
}

const DTYPE = 1;
const TENSOR_SHAPE = 2;
const TENSOR_CONTENT = 4;
const STRING_VAL = 8;
const DIM = 2;
const SIZE = 1;

function measureShape(shape: readonly number[]): Measured {
	const sizes = shape.map((dim) =>
		dim === 0 ? 0 : 1 + varint64Size(dim >>> 0, Math.floor(dim / 2 ** 32)),
	);
	return {
		size: sizes.reduce((sum, size) => sum + fieldSize(size), 0),
		write: (writer) => {
			for (const [i, dim] of shape.entries()) {
				writer.head(DIM, sizes[i]);
				if (dim === 0) continue;
				writer.varint(SIZE << 3);
				writer.varint64(dim >>> 0, Math.floor(dim / 2 ** 32));
			}
		},
	};
}

const NOTHING: Measured = { size: 0, write: () => undefined };

function measureContent(tensor: Tensor): Measured {
	if (!ArrayBuffer.isView(tensor.data)) return measureTexts(tensor.data);
	const bytes = tensorBytes(tensor);
	if (bytes.length === 0) return NOTHING;
	return {
		size: fieldSize(bytes.length),
		write: (writer) => writer.bytesField(TENSOR_CONTENT, bytes),
	};
}

/** All lengths, then all bytes. */
function measureTexts(texts: readonly Uint8Array[]): Measured {
	if (texts.length === 0) return NOTHING;
	let size = 0;
	for (const text of texts) size += varintSize(text.length) + text.length;
	return {
		size: fieldSize(size),
		write: (writer) => {
			writer.head(TENSOR_CONTENT, size);
			for (const text of texts) writer.varint(text.length);
			for (const text of texts) writer.bytes(text);
		},
	};
}

function measureFields(tensor: Tensor): Measured {
	const { data, dtype } = tensor;
	if (data.length === 0) return NOTHING;
	if (!ArrayBuffer.isView(data)) return measureStrings(data);
	const field = VALUE_FIELDS[dtype] ?? INT_VAL;
	const packed = IS_RAW.has(field)
		? measureRaw(tensorBytes(tensor))
		: data instanceof BigInt64Array || data instanceof BigUint64Array
			? measureLongs(data)
			: measureIntegers(data);
	return {
		// fields above 15 have tags of two bytes
		size: varintSize(field << 3) - 1 + fieldSize(packed.size),
		write: (writer) => {
			writer.head(field, packed.size);
			packed.write(writer);
		},
	};
}

const INT_VAL = 7;

/** Where each type has its values; all others have them among the integers. */
export const VALUE_FIELDS: Readonly<Partial<Record<string, number>>> = {
	float32: 5,
	float64: 6,
	string: STRING_VAL,
	complex64: 9,
	int64: 10,
	bool: 11,
	complex128: 12,
	float16: 13,
	bfloat16: 13,
	uint32: 16,
	uint64: 17,
};

/** Fields whose values lie in a message as they lie in memory: floats, doubles, pairs of them, and booleans, of a byte each. */
const IS_RAW: ReadonlySet<number> = new Set([5, 6, 9, 11, 12]);

function measureRaw(bytes: Uint8Array): Measured {
	return { size: bytes.length, write: (writer) => writer.bytes(bytes) };
}

/** Negative numbers take ten bytes, as if they had 64 bits. */
function measureIntegers(data: ArrayLike<number>): Measured {
	let size = 0;
	for (let i = 0; i < data.length; i++)
		size += data[i] < 0 ? 10 : varintSize(data[i]);
	return {
		size,
		write: (writer) => {
			for (let i = 0; i < data.length; i++)
				if (data[i] < 0) writer.varint64(data[i] >>> 0, NEGATIVE_HIGH);
				else writer.varint(data[i]);
		},
	};
}

const NEGATIVE_HIGH = 2 ** 32 - 1;

/** By their halves, as a bigint for each would take many times longer. */
function measureLongs(data: BigInt64Array | BigUint64Array): Measured {
	const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
	let size = 0;
	for (let i = 0; i < words.length; i += 2)
		size += varint64Size(words[i], words[i + 1]);
	return {
		size,
		write: (writer) => {
			for (let i = 0; i < words.length; i += 2)
				writer.varint64(words[i], words[i + 1]);
		},
	};
}

function measureStrings(texts: readonly Uint8Array[]): Measured {
	let size = 0;
	for (const text of texts) size += fieldSize(text.length);
	return {
		size,
		write: (writer) => {
			for (const text of texts) writer.bytesField(STRING_VAL, text);
		},
	};
}
