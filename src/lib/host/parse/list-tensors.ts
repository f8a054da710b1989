import { fail } from "../../errors.js";
import { isStatic } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	type Shape,
	showShape,
	type Tensor,
} from "../../tensor/tensor.js";
import {
	type Batch,
	exampleError,
	type Feature,
	type ListColumn,
	showKey,
} from "./example-reader.js";
import { MISSING } from "./feature-values.js";
import { checkedSize, copyElements, indexTensor, splitsOf } from "./fill.js";

export interface DenseList extends Feature {
	/** Of one feature of the list. */
	readonly shape: Shape;
	/** Whether an example without the list has an empty one. */
	readonly mayMiss: boolean;
}

/** Indices (example, place in the list, place in the feature), values and the dense shape. */
export function sparseList(
	{ values, lengths, counts }: ListColumn,
	isScalar: boolean,
): readonly [Tensor, Tensor, Tensor] {
	const rank = isScalar ? 2 : 3;
	const indices = new BigInt64Array(values.length * rank);
	const words = new Int32Array(indices.buffer);
	let at = 0;
	let feature = 0;
	let longest = 0;
	let widest = 0;
	for (const [row, length] of lengths.entries()) {
		longest = Math.max(longest, length);
		for (let place = 0; place < length; place++) {
			const count = counts[feature++];
			widest = Math.max(widest, count);
			for (let i = 0; i < count; i++) {
				if (!isScalar) words[at++ << 1] = row;
				words[at++ << 1] = place;
				words[at++ << 1] = i;
			}
		}
	}
	const shape = [longest, widest];
	return [
		{ dtype: "int64", shape: [values.length, rank], data: indices },
		{ dtype: values.dtype, shape: [values.length], data: values.data },
		indexTensor(isScalar ? shape : [lengths.length, ...shape]),
	];
}

/** Values, the splits of examples into features, and those of features into values. */
export function raggedList(
	{ values, lengths, counts }: ListColumn,
	splits: DType,
	isScalar: boolean,
): readonly [Tensor, Tensor, Tensor] {
	return [
		{ dtype: values.dtype, shape: [values.length], data: values.data },
		isScalar
			? { dtype: splits, shape: [], data: allocate(splits, 1) }
			: splitsOf(lengths, splits),
		splitsOf(counts, splits),
	];
}

/** Lists padded with zeros to the longest one, and their lengths. Fails with INVALID, with the row and the feature. */
export function denseList(
	batch: Batch,
	column: ListColumn,
	{ key, shape, mayMiss }: DenseList,
	isScalar: boolean,
): readonly [Tensor, Tensor] {
	if (!isStatic(shape))
		throw fail(
			"INVALID",
			`cannot parse feature list "${showKey(key)}" with shape ${showShape(shape)}: a known shape was wanted`,
		);
	const { values, lengths, counts } = column;
	const size = elementCount(shape);
	const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
	const rows = lengths.length;
	const data = allocate(values.dtype, checkedSize(rows * longest * size));
	let feature = 0;
	for (const [row, length] of lengths.entries()) {
		if (length === MISSING && !mayMiss)
			throw exampleError(
				batch,
				row,
				`feature list "${showKey(key)}" is required and missing`,
			);
		for (let place = 0; place < length; place++, feature++) {
			const count = counts[feature];
			if (count !== size)
				throw exampleError(
					batch,
					row,
					`feature ${place} of list "${showKey(key)}" has ${Math.max(count, 0)} values, the model wants ${size} (shape ${showShape(shape)})`,
				);
			const start = (row * longest + place) * size;
			copyElements(values.data, feature * size, data, start, size);
		}
	}
	const outer = isScalar ? [longest] : [rows, longest];
	const sizes = Array.from(lengths, (length) => Math.max(length, 0));
	return [
		{ dtype: values.dtype, shape: [...outer, ...shape], data },
		isScalar ? { ...indexTensor(sizes), shape: [] } : indexTensor(sizes),
	];
}
