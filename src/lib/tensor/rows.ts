import { fail } from "../errors.js";
import { DTYPES, type NumericArray } from "./dtype.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
	type TensorData,
} from "./tensor.js";

/** Rows `from` up to `to` of a tensor: parts of its first dimension, as a tensor of its own memory. */
export function sliceRows(
	{ dtype, shape, data }: Tensor,
	from: number,
	to: number,
): Tensor {
	const stride = rowLength({ dtype, shape });
	return {
		dtype,
		shape: [to - from, ...shape.slice(1)],
		data: data.slice(from * stride, to * stride),
	};
}

/** Tensors one after another along their first dimension. Fails with INVALID where their rows differ in shape. */
export function joinRows(parts: readonly Tensor[]): Tensor {
	const [{ dtype, shape }] = parts;
	const stranger = parts.find(
		(part) => showShape(part.shape.slice(1)) !== showShape(shape.slice(1)),
	);
	if (stranger !== undefined)
		throw fail(
			"INVALID",
			`cannot join rows of shape ${showShape(stranger.shape.slice(1))} to rows of shape ${showShape(shape.slice(1))}`,
		);
	if (parts.length === 1) return parts[0];
	const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
	return {
		dtype,
		shape: [rows, ...shape.slice(1)],
		data: joined(
			parts,
			allocate(dtype, elementCount([rows, ...shape.slice(1)])),
		),
	};
}

/** The tensor as the only row of a larger one. */
export function asRow({ dtype, shape, data }: Tensor): Tensor {
	return { dtype, shape: [1, ...shape], data };
}

function rowLength({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): number {
	return elementCount(shape.slice(1)) * DTYPES[dtype].lanes;
}

function joined(parts: readonly Tensor[], target: TensorData): TensorData {
	if (!ArrayBuffer.isView(target))
		return parts.flatMap(({ data }) => data as readonly Uint8Array[]);
	let at = 0;
	for (const { data } of parts) {
		(target as NumericArray).set(data as NumericArray, at);
		at += data.length;
	}
	return target;
}
