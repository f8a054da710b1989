import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import { broadcast } from "../../ops/shapes.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import {
	allocate,
	elementCount,
	showShape,
	type Tensor,
} from "../../tensor/tensor.js";
import { type BinaryRule, numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";
import { placesOf, sparseOf } from "./coordinates.js";

/** `SparseDenseCwiseAdd` and its kin: each value with what a dense tensor, stretched, has at its place. */
export function withDense(
	rule: Required<Omit<BinaryRule, "narrow">>,
): HostKernel {
	return (_, [indices, values, shapeTensor, dense]) => {
		const { kind } = DTYPES[values.dtype];
		if (kind === "complex") return undefined;
		const sparse = sparseOf(indices, values, shapeTensor);
		const rank = dense.shape.length;
		const stretched = broadcast(sparse.shape, dense.shape);
		if (showShape(stretched) !== showShape(sparse.shape))
			throw fail(
				"INVALID",
				`cannot stretch a dense tensor of shape ${showShape(dense.shape)} over a sparse one of shape ${showShape(sparse.shape)}`,
			);
		const axes = dense.shape
			.map((_, axis) => axis)
			.filter((axis) => dense.shape[axis] !== 1);
		const places = placesOf(
			sparse,
			axes.map((axis) => axis + sparse.rank - rank),
		);
		const compute = (kind === "float" || kind === "half"
			? rule.float
			: kind === "bigint"
				? rule.bigint
				: rule.int) as unknown as Required<Omit<BinaryRule, "narrow">>["float"];
		const [a, b] = [values, dense].map((x) => numbersOf(x) as NumericArray);
		const isHalf = kind === "half";
		const results = allocate(
			isHalf ? "float32" : values.dtype,
			a.length,
		) as NumericArray;
		for (let i = 0; i < a.length; i++) results[i] = compute(a[i], b[places[i]]);
		return [
			{ ...values, data: isHalf ? rounded(values.dtype, results) : results },
		];
	};
}

/** `SparseTensorDenseAdd`: both have one shape; the result is dense. */
export const sparseTensorDenseAdd: HostKernel = (
	_,
	[indices, values, shapeTensor, dense],
) => {
	const sparse = sparseOf(indices, values, shapeTensor);
	if (showShape(sparse.shape) !== showShape(dense.shape))
		throw fail(
			"INVALID",
			`cannot add a sparse tensor of shape ${showShape(sparse.shape)} to a dense one of shape ${showShape(dense.shape)}`,
		);
	const { lanes, kind } = DTYPES[dense.dtype];
	const places = placesOf(sparse);
	const sums = numbersOf(dense).slice() as NumericArray;
	const added = numbersOf(values) as NumericArray;
	for (let i = 0; i < added.length; i++) {
		const row = lanes === 1 ? i : i >> 1;
		sums[places[row] * lanes + (i % lanes)] += added[i];
	}
	return [
		{ ...dense, data: kind === "half" ? rounded(dense.dtype, sums) : sums },
	];
};

/** `SparseTensorDenseMatMul`: a sparse matrix by a dense one, either of them adjoint if so asked. */
export const sparseTensorDenseMatMul: HostKernel = (
	node,
	[indices, values, shapeTensor, dense],
) => {
	const [adjointA, adjointB] = ["adjoint_a", "adjoint_b"].map((name) =>
		boolAttr(node, name),
	);
	const sparse = sparseOf(indices, values, shapeTensor);
	if (sparse.rank !== 2 || dense.shape.length !== 2)
		throw fail(
			"INVALID",
			`cannot multiply tensors of shapes ${showShape(sparse.shape)} and ${showShape(dense.shape)}: wanted matrices`,
		);
	placesOf(sparse);
	const [rows, inner] = adjointA ? sparse.shape.toReversed() : sparse.shape;
	const [innerToo, columns] = adjointB ? dense.shape.toReversed() : dense.shape;
	if (inner !== innerToo)
		throw fail(
			"INVALID",
			`cannot multiply matrices: ${inner} columns meet ${innerToo} rows`,
		);
	const product: Product = {
		indices: sparse.indices,
		rowAxis: Number(adjointA),
		values: numbersOf(values) as NumericArray,
		dense: numbersOf(dense) as NumericArray,
		columns,
		rowStride: adjointB ? 1 : columns,
		columnStride: adjointB ? inner : 1,
		signs: [adjointA ? -1 : 1, adjointB ? -1 : 1],
	};
	const { lanes } = DTYPES[dense.dtype];
	const results = new Float64Array(elementCount([rows, columns]) * lanes);
	(lanes === 1 ? addProducts : addComplexProducts)(product, results);
	return [
		{
			dtype: dense.dtype,
			shape: [rows, columns],
			data:
				lanes === 1
					? rounded(dense.dtype, results)
					: complexData(dense, results),
		},
	];
};

interface Product {
	readonly indices: NumericArray;
	/** Which coordinate is the row of the product: 1 where the sparse matrix is turned. */
	readonly rowAxis: number;
	readonly values: NumericArray;
	readonly dense: NumericArray;
	readonly columns: number;
	readonly rowStride: number;
	readonly columnStride: number;
	/** Of the imaginary parts, by operand. */
	readonly signs: readonly number[];
}

/** Each value adds a multiple of a row of the dense matrix to a row of the result. */
function addProducts(product: Product, results: Float64Array): void {
	const { indices, rowAxis, values, dense } = product;
	const { columns, rowStride, columnStride } = product;
	for (let i = 0; i < values.length; i++) {
		const value = values[i];
		let to = indices[2 * i + rowAxis] * columns;
		let from = indices[2 * i + 1 - rowAxis] * rowStride;
		for (let k = 0; k < columns; k++, from += columnStride)
			results[to++] += value * dense[from];
	}
}

function addComplexProducts(product: Product, results: Float64Array): void {
	const { indices, rowAxis, values, dense, signs } = product;
	const { columns, rowStride, columnStride } = product;
	for (let i = 0; 2 * i < values.length; i++) {
		const [re, im] = [values[2 * i], signs[0] * values[2 * i + 1]];
		const to = indices[2 * i + rowAxis] * columns;
		const from = indices[2 * i + 1 - rowAxis] * rowStride;
		for (let k = 0; k < columns; k++) {
			const at = 2 * (from + k * columnStride);
			const [x, y] = [dense[at], signs[1] * dense[at + 1]];
			results[2 * (to + k)] += re * x - im * y;
			results[2 * (to + k) + 1] += re * y + im * x;
		}
	}
}

function complexData({ dtype }: Tensor, values: Float64Array): NumericArray {
	return dtype === "complex128" ? values : Float32Array.from(values);
}
