import { fail } from "../../errors.js";
import { isStatic } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	type Shape,
	showShape,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";
import {
	type Batch,
	exampleError,
	type Feature,
	type FeatureColumn,
	showKey,
} from "./example-reader.js";
import { MISSING } from "./feature-values.js";
import { checkedSize, copyElements, indexTensor, splitsOf } from "./fill.js";

export interface DenseFeature extends Feature {
	/** Of one example; only the first size may be unknown. */
	readonly shape: Shape;
	/** What stands for a missing feature, or pads a shorter one; empty for none. */
	readonly fallback: Tensor;
}

/** Indices (example, place), values and the dense shape; without the example's number for a batch that is one example. */
export function sparseTensors(
	{ values, counts }: FeatureColumn,
	isScalar: boolean,
): readonly [Tensor, Tensor, Tensor] {
	const rank = isScalar ? 1 : 2;
	const indices = new BigInt64Array(values.length * rank);
	const words = new Int32Array(indices.buffer);
	let at = 0;
	let longest = 0;
	for (let row = 0; row < counts.length; row++) {
		const count = counts[row];
		if (count > longest) longest = count;
		for (let i = 0; i < count; i++) {
			if (!isScalar) words[at++ << 1] = row;
			words[at++ << 1] = i;
		}
	}
	return [
		{ dtype: "int64", shape: [values.length, rank], data: indices },
		{ dtype: values.dtype, shape: [values.length], data: values.data },
		indexTensor(isScalar ? [longest] : [counts.length, longest]),
	];
}

/** All values, and where each example's start; an example alone has no splits. */
export function raggedTensors(
	{ values, counts }: FeatureColumn,
	splits: DType,
	isScalar: boolean,
): readonly [Tensor, Tensor] {
	return [
		{ dtype: values.dtype, shape: [values.length], data: values.data },
		isScalar
			? { dtype: splits, shape: [0], data: allocate(splits, 0) }
			: splitsOf(counts, splits),
	];
}

/** One row an example. Fails with INVALID, with the row and the feature, where one has too many, too few or no values. */
export function denseTensor(
	batch: Batch,
	column: FeatureColumn,
	feature: DenseFeature,
	isScalar: boolean,
): Tensor {
	const { shape } = feature;
	const row = isStatic(shape)
		? fixedShape(batch, column, feature, shape)
		: paddedShape(batch, column, feature);
	const { values, counts } = column;
	const size = elementCount(row);
	const full = isScalar ? row : [counts.length, ...row];
	const data =
		values.length === size * counts.length
			? values.data
			: filledRows(column, feature.fallback.data, size);
	return { dtype: values.dtype, shape: full, data };
}

function fixedShape(
	batch: Batch,
	{ counts }: FeatureColumn,
	{ key, dtype, fallback }: DenseFeature,
	shape: readonly number[],
): readonly number[] {
	const size = elementCount(shape);
	const hasFallback = fallback.data.length > 0;
	if (hasFallback && showShape(fallback.shape) !== showShape(shape))
		throw fail(
			"INVALID",
			`cannot parse feature "${showKey(key)}": its default has shape ${showShape(fallback.shape)}, ${showShape(shape)} was wanted`,
		);
	for (let row = 0; row < counts.length; row++) {
		const count = counts[row];
		if (count === size) continue;
		if (count === MISSING && !hasFallback)
			throw exampleError(
				batch,
				row,
				`feature "${showKey(key)}" (${dtype}) is required and missing`,
			);
		if (count !== MISSING)
			throw exampleError(
				batch,
				row,
				`feature "${showKey(key)}" has ${count} values, the model wants ${size} (shape ${showShape(shape)})`,
			);
	}
	return shape;
}

/** The shape that holds the longest example. */
function paddedShape(
	batch: Batch,
	{ counts }: FeatureColumn,
	{ key, shape, fallback }: DenseFeature,
): readonly number[] {
	const [first, ...rest] = shape ?? [];
	if (first === undefined || !isStatic(rest) || fallback.data.length !== 1)
		throw fail(
			"INVALID",
			`cannot parse feature "${showKey(key)}" as dense with shape ${showShape(shape)} and a default of shape ${showShape(fallback.shape)}: only the first size may vary, and one element pads it`,
		);
	const stride = elementCount(rest);
	let longest = 0;
	for (const [row, count] of counts.entries()) {
		if (count === MISSING) continue;
		if (count !== 0 && count % stride !== 0)
			throw exampleError(
				batch,
				row,
				`feature "${showKey(key)}" has ${count} values, the model wants a multiple of ${stride} (shape ${showShape(shape)})`,
			);
		longest = Math.max(longest, stride === 0 ? 0 : count / stride);
	}
	return [longest, ...rest];
}

/** Rows of `size` elements: the values that are there, then elements of the fallback, or its only one. */
function filledRows(
	{ values, counts, dtype }: FeatureColumn,
	fallback: TensorData,
	size: number,
): TensorData {
	const data = allocate(dtype, checkedSize(counts.length * size));
	const source = values.data;
	let at = 0;
	for (const [row, found] of counts.entries()) {
		const count = Math.max(found, 0);
		const start = row * size;
		copyElements(source, at, data, start, count);
		at += count;
		if (fallback.length === 1)
			for (let i = count; i < size; i++)
				copyElements(fallback, 0, data, start + i, 1);
		else if (count === 0) copyElements(fallback, 0, data, start, size);
	}
	return data;
}
