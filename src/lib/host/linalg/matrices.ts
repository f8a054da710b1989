import { fail } from "../../errors.js";
import { broadcast } from "../../ops/shapes.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { numberTensor } from "../../tensor/numbers.js";
import {
	elementCount,
	showShape,
	type Tensor,
	type TensorData,
} from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import { isReal, numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";

/** A matrix in double precision, row by row; the parts of a complex number stand beside one another. */
export interface Matrix {
	readonly rows: number;
	readonly columns: number;
	readonly data: Float64Array;
}

/** What a kernel makes of one matrix of each input: a result a matrix, with the shape that follows the batch's. */
export interface MatrixResult {
	readonly shape: readonly number[];
	readonly data: ArrayLike<number>;
}

export function matrix(
	rows: number,
	columns: number,
	data = new Float64Array(rows * columns),
): Matrix {
	return { rows, columns, data };
}

export function identity(rows: number, columns = rows): Matrix {
	const one = matrix(rows, columns);
	for (let i = 0; i < Math.min(rows, columns); i++)
		one.data[i * columns + i] = 1;
	return one;
}

export function transposed({ rows, columns, data }: Matrix): Matrix {
	const turned = matrix(columns, rows);
	for (let i = 0; i < rows; i++)
		for (let j = 0; j < columns; j++)
			turned.data[j * rows + i] = data[i * columns + j];
	return turned;
}

export function multiplied(a: Matrix, b: Matrix): Matrix {
	const product = matrix(a.rows, b.columns);
	for (let i = 0; i < a.rows; i++)
		for (let k = 0; k < a.columns; k++) {
			const value = a.data[i * a.columns + k];
			for (let j = 0; j < b.columns; j++)
				product.data[i * b.columns + j] += value * b.data[k * b.columns + j];
		}
	return product;
}

/** Turns a matrix into a result of its own shape. */
export function whole({ rows, columns, data }: Matrix): MatrixResult {
	return { shape: [rows, columns], data };
}

/** Fails with INVALID for a matrix that is not square. */
export function square({ rows, columns }: Matrix): number {
	if (rows !== columns)
		throw fail(
			"INVALID",
			`cannot use a matrix of ${rows} rows and ${columns} columns: a square one is wanted`,
		);
	return rows;
}

/** What is made of one matrix of each input. */
export type MatrixRule = (
	matrices: readonly Matrix[],
	node: Parameters<HostKernel>[0],
) => readonly MatrixResult[];

/** A kernel that works matrix by matrix, batch axes broadcast, in double precision. Complex numbers have no rule. */
export function matrixKernel(
	compute: MatrixRule,
	dtypes?: (dtype: DType) => readonly DType[],
): HostKernel {
	const kernel = batchKernel(compute, identity, dtypes);
	return (node, inputs) =>
		isReal(inputs[0].dtype) ? kernel(node, inputs) : undefined;
}

/** `one` makes the matrix that stands for those of an empty batch. */
export function batchKernel(
	compute: MatrixRule,
	one: (rows: number, columns: number) => Matrix,
	dtypes?: (dtype: DType) => readonly DType[],
): HostKernel {
	return (node, inputs) => {
		const { dtype } = inputs[0];
		const batches = inputs.map(batchOf);
		const shape = batches
			.map(({ shape }) => shape)
			.reduce((a, b) => broadcast(a, b) as readonly number[]);
		const count = elementCount(shape);
		const results: (readonly MatrixResult[])[] = [];
		// a batch of none has results of the shape that one of zeros would have
		if (count === 0)
			results.push(
				compute(
					batches.map(({ rows, columns }) => one(rows, columns)),
					node,
				),
			);
		eachRow(
			shape,
			batches.map((batch) => batch.shape),
			(_, length, starts, moves) => {
				for (let k = 0; k < length; k++)
					results.push(
						compute(
							batches.map((batch, i) => batch.at(starts[i] + k * moves[i])),
							node,
						),
					);
			},
		);
		return results[0].map((first, i) =>
			stacked(
				dtypes?.(dtype)[i] ?? dtype,
				shape,
				first.shape,
				results.slice(0, count).map((list) => list[i].data),
			),
		);
	};
}

interface Batch {
	readonly shape: readonly number[];
	readonly rows: number;
	readonly columns: number;
	at(index: number): Matrix;
}

function batchOf(x: Tensor): Batch {
	if (x.shape.length < 2)
		throw fail(
			"INVALID",
			`cannot take a tensor of shape ${showShape(x.shape)} for matrices`,
		);
	const [rows, columns] = x.shape.slice(-2);
	const { lanes } = DTYPES[x.dtype];
	const values = (lanes === 1 ? numbersOf(x) : x.data) as ArrayLike<number>;
	const size = rows * columns * lanes;
	return {
		shape: x.shape.slice(0, -2),
		rows,
		columns,
		at: (index) =>
			matrix(
				rows,
				columns,
				Float64Array.from({ length: size }, (_, i) => values[index * size + i]),
			),
	};
}

function stacked(
	dtype: DType,
	batch: readonly number[],
	inner: readonly number[],
	parts: readonly ArrayLike<number>[],
): Tensor {
	const size = elementCount(inner) * DTYPES[dtype].lanes;
	const values = new Float64Array(size * parts.length);
	for (const [i, part] of parts.entries()) values.set(part, i * size);
	const data: TensorData = rounded(dtype, values);
	return { dtype, shape: [...batch, ...inner], data };
}

/**
 * The rounding of TensorFlow's arithmetic in this type: iterations that stop where it does take as many steps, and so their
 * vectors have its signs.
 */
export function epsilonOf(dtype: DType): number {
	return dtype === "float64" || dtype === "complex128"
		? Number.EPSILON
		: 2 ** -23;
}

/** Results where vectors were not asked for: TensorFlow's kernels give a scalar in the place of each. */
export function withoutVectors(
	results: readonly Tensor[] | undefined,
	count: number,
): readonly Tensor[] | undefined {
	return (
		results && [
			...results,
			...Array.from({ length: count }, () => numberTensor(results[0].dtype, 0)),
		]
	);
}
