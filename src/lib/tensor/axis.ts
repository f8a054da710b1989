import { fail } from "../errors.js";
import { DTYPES } from "./dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "./tensor.js";

/** Which indices of an axis are taken: `start`, `start + step`, … */
export interface AxisRange {
	readonly start: number;
	readonly count: number;
	readonly step: number;
}

export function wholeRange(size: number): AxisRange {
	return { start: 0, count: size, step: 1 };
}

/** One range an axis. Fails with INVALID beyond the tensor. */
export function sliceAxes(x: Tensor, ranges: readonly AxisRange[]): Tensor {
	return ranges.reduce((value, { start, count, step }, axis) => {
		if (start === 0 && step === 1 && count === value.shape[axis]) return value;
		return gatherAxis(
			value,
			axis,
			Array.from({ length: count }, (_, i) => start + i * step),
		);
	}, x);
}

/** The slices at `indices` along an axis, in that order. Fails with INVALID for an index that is not there. */
export function gatherAxis(
	x: Tensor,
	axis: number,
	indices: readonly number[],
): Tensor {
	const size = x.shape[axis];
	const inner = elementCount(x.shape.slice(axis + 1)) * DTYPES[x.dtype].lanes;
	const outer = elementCount(x.shape.slice(0, axis));
	const shape = x.shape.with(axis, indices.length);
	const data = allocate(x.dtype, elementCount(shape)) as TensorData;
	const copy = copier(x.data, data);
	let to = 0;
	for (let block = 0; block < outer; block++)
		for (const index of indices) {
			if (index < 0 || index >= size)
				throw fail(
					"INVALID",
					`cannot take index ${index} of an axis of size ${size}`,
				);
			copy((block * size + index) * inner, to, inner);
			to += inner;
		}
	return { dtype: x.dtype, shape, data };
}

/** Joins tensors along an axis. */
export function concat(values: readonly Tensor[], axis: number): Tensor {
	const { dtype } = values[0];
	const size = values.reduce((sum, { shape }) => sum + shape[axis], 0);
	const shape = values[0].shape.with(axis, size);
	const data = allocate(dtype, elementCount(shape)) as TensorData;
	const outer = elementCount(shape.slice(0, axis));
	const inner = elementCount(shape.slice(axis + 1)) * DTYPES[dtype].lanes;
	let at = 0;
	for (const value of values) {
		const run = value.shape[axis] * inner;
		const copy = copier(value.data, data);
		for (let block = 0; block < outer; block++)
			copy(block * run, block * size * inner + at, run);
		at += run;
	}
	return { dtype, shape, data };
}

/** Copies runs of elements; short ones in a loop, as a view for each would take longer. */
function copier(
	source: TensorData,
	target: TensorData,
): (from: number, to: number, count: number) => void {
	if (!ArrayBuffer.isView(source) || !ArrayBuffer.isView(target)) {
		const [given, taken] = [source, target] as Uint8Array[][];
		return (from, to, count) => {
			for (let i = 0; i < count; i++) taken[to + i] = given[from + i];
		};
	}
	const given = source as Float32Array;
	const taken = target as Float32Array;
	const isBig =
		source instanceof BigInt64Array || source instanceof BigUint64Array;
	const short = isBig ? pairCopier(source, target) : undefined;
	return (from, to, count) => {
		if (count > SHORT_RUN) taken.set(given.subarray(from, from + count), to);
		else if (short !== undefined) short(from, to, count);
		else for (let i = 0; i < count; i++) taken[to + i] = given[from + i];
	};
}

const SHORT_RUN = 16;

/** Elements of 64 bits as two of 32: no bigint is made. */
function pairCopier(source: ArrayBufferView, target: ArrayBufferView) {
	const given = words(source);
	const taken = words(target);
	return (from: number, to: number, count: number): void => {
		for (let i = 0; i < 2 * count; i++) taken[2 * to + i] = given[2 * from + i];
	};
}

function words({
	buffer,
	byteOffset,
	byteLength,
}: ArrayBufferView): Int32Array {
	return new Int32Array(buffer, byteOffset, byteLength / 4);
}
