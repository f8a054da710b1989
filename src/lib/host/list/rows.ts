import { fail } from "../../errors.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	showShape,
	type TensorData,
} from "../../tensor/tensor.js";
import { type HostValue, isOpaque } from "../value.js";

/** What stands for an element of a variant that nobody set. */
const NOTHING: object = Object.freeze({});

/** Rows `from` up to `to` along the first dimension, without a copy where the elements are numbers. */
export function rowRange(
	value: HostValue,
	from: number,
	to: number,
): HostValue {
	const [, ...row] = value.shape;
	return cut(value, [to - from, ...row], from * elementCount(row));
}

/** Each row of a value, with one dimension less; without copies where the elements are numbers. */
export function rowsOf(value: HostValue): HostValue[] {
	const [count, ...row] = value.shape;
	const size = elementCount(row);
	return Array.from({ length: count }, (_, i) => cut(value, row, i * size));
}

/** Items of one shape as the rows of a value. Fails with INVALID where one has another shape. */
export function stacked(
	items: readonly HostValue[],
	dtype: DType,
	shape: readonly number[],
): HostValue {
	for (const item of items)
		if (!sameShape(item.shape, shape))
			throw fail(
				"INVALID",
				`cannot stack an element of shape ${showShape(item.shape)} among elements of shape ${showShape(shape)}`,
			);
	return joined(items, dtype, [items.length, ...shape]);
}

/** Values behind one another along their first dimension, all of one row shape. */
export function concatenated(
	items: readonly HostValue[],
	dtype: DType,
	row: readonly number[],
): HostValue {
	const rows = items.reduce((sum, { shape }) => sum + shape[0], 0);
	return joined(items, dtype, [rows, ...row]);
}

/** Zeros, falses, empty strings or empty variants. */
export function zeros(dtype: DType, shape: readonly number[]): HostValue {
	const count = elementCount(shape);
	if (dtype === "variant" || dtype === "resource")
		return { dtype, shape, items: new Array<object>(count).fill(NOTHING) };
	return { dtype, shape, data: allocate(dtype, count) };
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
	return a.length === b.length && a.every((size, i) => size === b[i]);
}

function cut(
	value: HostValue,
	shape: readonly number[],
	from: number,
): HostValue {
	const to = from + elementCount(shape);
	if (isOpaque(value))
		return { ...value, shape, items: value.items.slice(from, to) };
	const { data, dtype } = value;
	const { lanes } = DTYPES[dtype];
	const part = ArrayBuffer.isView(data)
		? data.subarray(from * lanes, to * lanes)
		: data.slice(from, to);
	return { dtype, shape, data: part };
}

function joined(
	items: readonly HostValue[],
	dtype: DType,
	shape: readonly number[],
): HostValue {
	if (dtype === "variant" || dtype === "resource")
		return {
			dtype,
			shape,
			items: items.flatMap((item) => (isOpaque(item) ? item.items : [])),
		};
	const data: TensorData = allocate(dtype, elementCount(shape));
	let at = 0;
	for (const item of items) {
		if (isOpaque(item)) continue;
		if (ArrayBuffer.isView(data))
			(data as Float32Array).set(item.data as Float32Array, at);
		else
			for (const [i, bytes] of (item.data as readonly Uint8Array[]).entries())
				(data as Uint8Array[])[at + i] = bytes;
		at += item.data.length;
	}
	return { dtype, shape, data };
}
