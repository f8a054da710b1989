import { fail } from "../../errors.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { integersOf, longTensor } from "../../tensor/integers.js";
import { takeRows } from "../../tensor/row-copy.js";
import { showShape, type Tensor } from "../../tensor/tensor.js";
import { stridesOf } from "../../tensor/transpose.js";

/** A sparse tensor: `values[i]` stands at the coordinates `indices[i * rank]` … of a tensor of this shape. */
export interface Sparse {
	readonly indices: NumericArray;
	readonly values: Tensor;
	readonly shape: readonly number[];
	readonly rank: number;
	readonly count: number;
}

/** The three tensors that a sparse one is made of. Fails with INVALID where their shapes contradict each other. */
export function sparseOf(
	indices: Tensor,
	values: Tensor,
	shapeTensor: Tensor,
): Sparse {
	const shape = Array.from(integersOf(shapeTensor));
	const [count, rank] = indices.shape;
	if (
		indices.shape.length !== 2 ||
		values.shape.length !== 1 ||
		shapeTensor.shape.length !== 1 ||
		values.shape[0] !== count ||
		shape.length !== rank
	)
		throw fail(
			"INVALID",
			`cannot read a sparse tensor of indices ${showShape(indices.shape)}, values ${showShape(values.shape)} and shape ${showShape(shapeTensor.shape)}: wanted [n,rank], [n] and [rank]`,
		);
	return { indices: integersOf(indices), values, shape, rank, count };
}

/**
 * Where each value stands, counted row by row along `axes`, by default all. Fails with INVALID for coordinates outside the
 * tensor.
 */
export function placesOf(
	{ indices, shape, rank, count }: Omit<Sparse, "values">,
	axes: readonly number[] = shape.map((_, axis) => axis),
): Float64Array {
	const sizes = axes.map((axis) => shape[axis]);
	checkSizes(sizes);
	const strides = stridesOf(sizes);
	const places = new Float64Array(count);
	for (const [i, axis] of axes.entries()) {
		const [size, stride] = [sizes[i], strides[i]];
		for (let row = 0, at = axis; row < count; row++, at += rank) {
			const index = indices[at];
			if (!(index >= 0 && index < size))
				throw fail(
					"INVALID",
					`cannot place value ${row} at index ${index} of axis ${axis}: the sparse tensor has shape ${showShape(shape)}`,
				);
			places[row] += index * stride;
		}
	}
	return places;
}

/** Places are numbers, exact up to 2^53: sparse tensors may be larger than dense ones, and not endless. */
function checkSizes(sizes: readonly number[]): void {
	const product = sizes.reduce((a, b) => a * b, 1);
	if (sizes.some((size) => !(size >= 0)) || product > Number.MAX_SAFE_INTEGER)
		throw fail(
			"INVALID",
			`cannot use a sparse tensor of shape ${showShape(sizes)}: wanted sizes from 0, and at most 2^53 elements`,
		);
}

/** Coordinates, row after row, of places in a tensor of this shape. */
export function coordinatesOf(
	places: ArrayLike<number>,
	shape: readonly number[],
): Float64Array {
	const rank = shape.length;
	const strides = stridesOf(shape);
	const indices = new Float64Array(places.length * rank);
	for (let i = 0; i < places.length; i++) {
		let rest = places[i];
		for (let axis = 0; axis < rank; axis++) {
			const index = Math.floor(rest / strides[axis]);
			indices[i * rank + axis] = index;
			rest -= index * strides[axis];
		}
	}
	return indices;
}

/** The order in which keys rise; equal ones stay as they are. */
export function rising(keys: Float64Array): Int32Array {
	const order = Int32Array.from(keys, (_, i) => i);
	for (let i = 1; i < keys.length; i++)
		if (keys[i] < keys[i - 1])
			return order.sort((a, b) => keys[a] - keys[b] || a - b);
	return order;
}

/** The indices of a sparse tensor as a tensor. */
export function indexTensor(indices: NumericArray, rank: number): Tensor {
	const count = rank === 0 ? 0 : indices.length / rank;
	return longTensor([count, rank], indices);
}

/** Chosen rows of coordinates. */
export function takenIndices(
	{ indices, rank }: Pick<Sparse, "indices" | "rank">,
	rows: ArrayLike<number>,
): Float64Array {
	const taken = new Float64Array(rows.length * rank);
	for (let i = 0; i < rows.length; i++)
		for (let axis = 0; axis < rank; axis++)
			taken[i * rank + axis] = indices[rows[i] * rank + axis];
	return taken;
}

/** Indices, values and shape of chosen values. */
export function chosenValues(
	sparse: Sparse,
	rows: ArrayLike<number>,
): readonly [Tensor, Tensor, Tensor] {
	return [
		longTensor([rows.length, sparse.rank], takenIndices(sparse, rows)),
		takeRows(sparse.values, rows),
		longTensor([sparse.rank], sparse.shape),
	];
}
