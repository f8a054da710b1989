import { DTYPES } from "./dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	type TensorData,
} from "./tensor.js";

/** Axis `i` of the result is axis `order[i]` of the tensor. Any rank and element type. */
export function transpose(source: Tensor, order: readonly number[]): Tensor {
	const shape = order.map((axis) => source.shape[axis]);
	if (isSorted(significantAxes(source.shape, order)))
		return { ...source, shape };
	const strides = stridesOf(source.shape);
	const target = allocate(source.dtype, elementCount(shape));
	copyPermuted(
		source.data,
		target as TensorData,
		shape,
		order.map((axis) => strides[axis]),
		DTYPES[source.dtype].lanes,
	);
	return { dtype: source.dtype, shape, data: target };
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
	const strides = new Array<number>(shape.length);
	let stride = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		strides[axis] = stride;
		stride *= shape[axis];
	}
	return strides;
}

/** Axes of size 1 may move without moving a byte. */
function significantAxes(
	shape: readonly number[],
	order: readonly number[],
): number[] {
	return order.filter((axis) => shape[axis] !== 1);
}

function isSorted(axes: readonly number[]): boolean {
	return axes.every((axis, i) => i === 0 || axes[i - 1] < axis);
}

interface Indexed {
	[index: number]: unknown;
	readonly length: number;
}

/** Walks the target in order; the innermost axis is a plain strided loop. */
function copyPermuted(
	source: Indexed,
	target: Indexed,
	shape: readonly number[],
	strides: readonly number[],
	lanes: number,
): void {
	const rank = shape.length;
	if (target.length === 0) return;
	const inner = shape[rank - 1];
	const step = strides[rank - 1] * lanes;
	const counter = new Array<number>(rank).fill(0);
	let base = 0;
	for (let out = 0; out < target.length; ) {
		for (let i = 0, from = base * lanes; i < inner; i++, from += step)
			for (let lane = 0; lane < lanes; lane++)
				target[out++] = source[from + lane];
		for (let axis = rank - 2; axis >= 0; axis--) {
			base += strides[axis];
			if (++counter[axis] < shape[axis]) break;
			base -= strides[axis] * shape[axis];
			counter[axis] = 0;
		}
	}
}
