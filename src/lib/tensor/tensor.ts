import { fail } from "../errors.js";
import type { Reserve } from "./constant.js";
import { DTYPES, type DType, type TypedArray } from "./dtype.js";

/** Elements in row-major order; strings are bytes, never text. See `DTYPES[dtype].array` for the storage of each type. */
export type TensorData = TypedArray | readonly Uint8Array[];

export interface Tensor {
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly data: TensorData;
}

/** Tensors by the names of a signature's inputs or outputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A declared shape: `undefined` for unknown rank, -1 for an unknown dimension. */
export type Shape = readonly number[] | undefined;

/** No real tensor comes near: 2^40 elements. A product beyond it is hostile or corrupt. */
const MAX_ELEMENTS = 2 ** 40;

/** Upstream's TensorShape holds at most 254 dimensions (tensor_shape.h, MaxDimensions). */
export const MAX_RANK = 254;

/** Makes a tensor and checks that `data` has as many elements as `shape` asks for. */
export function tensor(
	dtype: DType,
	shape: readonly number[],
	data: TensorData,
): Tensor {
	const wanted = elementCount(shape) * DTYPES[dtype].lanes;
	if (data.length !== wanted)
		throw fail(
			"INVALID",
			`cannot make a ${dtype} tensor of shape ${showShape(shape)}: it holds ${wanted} values, ${data.length} were given`,
		);
	return { dtype, shape, data };
}

/** The number of elements; 1 for a scalar. Fails with INVALID for negative dimensions or an absurd product. */
export function elementCount(shape: readonly number[]): number {
	if (shape.length > MAX_RANK)
		throw fail(
			"INVALID",
			`cannot use a shape of ${shape.length} dimensions: at most ${MAX_RANK} are allowed`,
		);
	let count = 1;
	let empty = false;
	for (const size of shape) {
		if (!Number.isSafeInteger(size) || size < 0)
			throw fail(
				"INVALID",
				`cannot use shape ${showShape(shape)}: a dimension is ${size}`,
			);
		if (size === 0) empty = true;
		else count *= size;
		if (count > MAX_ELEMENTS)
			throw fail(
				"INVALID",
				`cannot use shape ${showShape(shape)}: more than 2^40 elements`,
			);
	}
	return empty ? 0 : count;
}

/** Storage for `count` elements of a type, zeroed (empty strings for strings) unless it is reserved elsewhere. */
export function allocate(
	dtype: DType,
	count: number,
	reserve?: Reserve,
): TypedArray | Uint8Array[] {
	const { array, bytes, lanes } = DTYPES[dtype];
	if (array === Array)
		return new Array<Uint8Array>(count).fill(new Uint8Array(0));
	const View = array as Float32ArrayConstructor;
	return reserve === undefined
		? new View(count * lanes)
		: new View(reserve(count * bytes), 0, count * lanes);
}

/** What a tensor's elements lie in, which others may lie in too: a buffer, or the list of its strings. */
export function bufferOf({ data }: Tensor): object {
	return ArrayBuffer.isView(data) ? data.buffer : data;
}

/** Tensors of which none lies in one of these buffers: those that do are copied. */
export function apartFrom(
	buffers: ReadonlySet<object>,
	tensors: Tensors,
): Tensors {
	if (buffers.size === 0) return tensors;
	return Object.fromEntries(
		Object.entries(tensors).map(([name, tensor]) => [
			name,
			buffers.has(bufferOf(tensor))
				? { ...tensor, data: tensor.data.slice() }
				: tensor,
		]),
	);
}

/** The raw little-endian bytes of a numeric tensor, without copying. Fails with BUG for strings. */
export function tensorBytes({ data, dtype }: Tensor): Uint8Array {
	if (!ArrayBuffer.isView(data))
		throw fail("BUG", `a ${dtype} tensor has no raw bytes`);
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A numeric tensor over raw little-endian bytes; copies only where the bytes are not aligned for their type.
 * Fails with CORRUPT where the length is not that of the shape.
 */
export function tensorFromBytes(
	dtype: DType,
	shape: readonly number[],
	bytes: Uint8Array,
): Tensor {
	const { array, bytes: size } = DTYPES[dtype];
	const wanted = elementCount(shape) * size;
	if (size === 0 || bytes.length !== wanted)
		throw fail(
			"CORRUPT",
			`cannot read a ${dtype} tensor of shape ${showShape(shape)}: it takes ${wanted} bytes, ${bytes.length} are there`,
		);
	const View = array as Float32ArrayConstructor;
	// slice() of a Buffer would not copy
	const aligned =
		bytes.byteOffset % View.BYTES_PER_ELEMENT === 0
			? bytes
			: new Uint8Array(bytes);
	return {
		dtype,
		shape,
		data: new View(
			aligned.buffer as ArrayBuffer,
			aligned.byteOffset,
			bytes.length / View.BYTES_PER_ELEMENT,
		),
	};
}

/** The bytes that a tensor takes in memory; for strings the sum of their lengths. */
export function byteLength({ data }: Tensor): number {
	return ArrayBuffer.isView(data)
		? data.byteLength
		: data.reduce((sum, value) => sum + value.length, 0);
}

/** `[2,?,3]`, `[]` for a scalar, `unknown rank`. */
export function showShape(shape: Shape): string {
	return shape === undefined
		? "of unknown rank"
		: `[${shape.map((size) => (size < 0 ? "?" : size)).join(",")}]`;
}
