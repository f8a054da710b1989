import { fail } from "../../errors.js";
import { boolAttr, dtypeAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import {
	identity,
	type Matrix,
	matrix,
	matrixKernel,
	square,
	transposed,
	whole,
} from "./matrices.js";

/** A square matrix as triangles: below the diagonal L, whose diagonal is 1, from there on U, with its rows exchanged. */
interface Triangles {
	readonly size: number;
	readonly data: Float64Array;
	/** Which row of the matrix each row is. */
	readonly order: Int32Array;
	/** 1 or -1: whether rows were exchanged an even or odd number of times. */
	readonly parity: number;
	readonly isSingular: boolean;
}

/** Gauss' elimination; the pivot is the largest number of its column. */
function triangles(source: Matrix): Triangles {
	const size = square(source);
	const data = source.data.slice();
	const order = Int32Array.from({ length: size }, (_, row) => row);
	let [parity, isSingular] = [1, false];
	for (let k = 0; k < size; k++) {
		let pivot = k;
		for (let row = k + 1; row < size; row++)
			if (Math.abs(data[row * size + k]) > Math.abs(data[pivot * size + k]))
				pivot = row;
		if (pivot !== k) {
			for (let j = 0; j < size; j++) swap(data, k * size + j, pivot * size + j);
			swap(order, k, pivot);
			parity = -parity;
		}
		const diagonal = data[k * size + k];
		if (diagonal === 0) {
			isSingular = true;
			continue;
		}
		for (let row = k + 1; row < size; row++) {
			const factor = data[row * size + k] / diagonal;
			data[row * size + k] = factor;
			if (factor !== 0)
				for (let j = k + 1; j < size; j++)
					data[row * size + j] -= factor * data[k * size + j];
		}
	}
	return { size, data, order, parity, isSingular };
}

function swap(list: Float64Array | Int32Array, a: number, b: number): void {
	[list[a], list[b]] = [list[b], list[a]];
}

/** x in A x = b. Fails with INVALID where A has no inverse. */
export function solved(a: Matrix, b: Matrix): Matrix {
	const { size, data, order, isSingular } = triangles(a);
	if (b.rows !== size)
		throw fail(
			"INVALID",
			`cannot solve: the matrix has ${size} rows, the right side ${b.rows}`,
		);
	if (isSingular) throw notInvertible();
	const { columns } = b;
	const x = matrix(size, columns);
	for (let row = 0; row < size; row++)
		for (let j = 0; j < columns; j++)
			x.data[row * columns + j] = b.data[order[row] * columns + j];
	for (let row = 1; row < size; row++)
		for (let k = 0; k < row; k++) subtract(x, row, k, data[row * size + k]);
	for (let row = size - 1; row >= 0; row--) {
		for (let k = row + 1; k < size; k++)
			subtract(x, row, k, data[row * size + k]);
		for (let j = 0; j < columns; j++)
			x.data[row * columns + j] /= data[row * size + row];
	}
	return x;
}

/** Takes a multiple of row `other` from a row. */
export function subtract(
	{ columns, data }: Matrix,
	row: number,
	other: number,
	factor: number,
): void {
	if (factor === 0) return;
	for (let j = 0; j < columns; j++)
		data[row * columns + j] -= factor * data[other * columns + j];
}

function notInvertible() {
	return fail("INVALID", "cannot invert a matrix: it is singular");
}

/** `Lu`: both triangles in one matrix, and which row of the input each of its rows is. */
export const lu: HostKernel = (node, inputs) =>
	matrixKernel(
		([a]) => {
			const { size, data, order, isSingular } = triangles(a);
			if (isSingular) throw notInvertible();
			return [
				{ shape: [size, size], data },
				{ shape: [size], data: order },
			];
		},
		(dtype) => [dtype, dtypeAttr(node, "output_idx_type")],
	)(node, inputs);

export const matrixInverse = matrixKernel(([a], node) => {
	const inverse = solved(a, identity(square(a)));
	return [whole(boolAttr(node, "adjoint") ? transposed(inverse) : inverse)];
});

export const matrixSolve = matrixKernel(([a, b], node) => [
	whole(solved(boolAttr(node, "adjoint") ? transposed(a) : a, b)),
]);

export const matrixDeterminant = matrixKernel(([a]) => {
	const { size, data, parity } = triangles(a);
	let product = parity;
	for (let k = 0; k < size; k++) product *= data[k * size + k];
	return [{ shape: [], data: [product] }];
});

/** The sign, and the logarithm of the magnitude. */
export const logMatrixDeterminant = matrixKernel(([a]) => {
	const { size, data, parity } = triangles(a);
	let [sign, sum] = [parity, 0];
	for (let k = 0; k < size; k++) {
		sign *= Math.sign(data[k * size + k]);
		sum += Math.log(Math.abs(data[k * size + k]));
	}
	return [
		{ shape: [], data: [sign] },
		{ shape: [], data: [sum] },
	];
});
