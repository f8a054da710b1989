import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import { elementCount } from "../../tensor/tensor.js";
import type { HostKernel } from "../kernel.js";
import { subtract } from "./lu.js";
import {
	type Matrix,
	matrix,
	matrixKernel,
	square,
	transposed,
	whole,
} from "./matrices.js";

/** `MatrixTriangularSolve`: only the triangle that is named counts. */
export const matrixTriangularSolve = matrixKernel(([a, b], node) => {
	square(a);
	const isLower = boolAttr(node, "lower");
	const isTurned = boolAttr(node, "adjoint");
	return [
		whole(
			triangularSolved(isTurned ? transposed(a) : a, b, isLower !== isTurned),
		),
	];
});

/** x in A x = b for a triangle A. Fails with INVALID where a number of its diagonal is 0. */
export function triangularSolved(
	a: Matrix,
	b: Matrix,
	isLower: boolean,
): Matrix {
	const size = a.rows;
	const { columns } = b;
	if (b.rows !== size)
		throw fail(
			"INVALID",
			`cannot solve: the matrix has ${size} rows, the right side ${b.rows}`,
		);
	const x = matrix(size, columns, b.data.slice());
	for (let step = 0; step < size; step++) {
		const row = isLower ? step : size - 1 - step;
		const [from, to] = isLower ? [0, row] : [row + 1, size];
		for (let k = from; k < to; k++) subtract(x, row, k, a.data[row * size + k]);
		const diagonal = a.data[row * size + row];
		if (diagonal === 0)
			throw fail("INVALID", "cannot invert a matrix: it is singular");
		for (let j = 0; j < columns; j++) x.data[row * columns + j] /= diagonal;
	}
	return x;
}

/** `BandedTriangularSolve`: the diagonals are the rows of the input, the longest first for a lower triangle. */
export const bandedTriangularSolve = matrixKernel(([bands, b], node) => {
	const isLower = boolAttr(node, "lower");
	const isTurned = boolAttr(node, "adjoint");
	const size = bands.columns;
	const a = matrix(size, size);
	for (let band = 0; band < bands.rows; band++)
		for (let column = 0; column < size; column++) {
			const row = isLower ? column + band : column - (bands.rows - 1 - band);
			const value = bands.data[band * size + row];
			if (row >= 0 && row < size) a.data[row * size + column] = value;
		}
	const whichever = isTurned ? transposed(a) : a;
	return [whole(triangularSolved(whichever, b, isLower !== isTurned))];
});

/** The diagonals above, on and below are three rows, the last number of the first and the first of the last unused. */
const solveDiagonals = matrixKernel(([diagonals, b], node) => {
	const size = diagonals.columns;
	const { columns } = b;
	if (diagonals.rows !== 3 || b.rows !== size)
		throw fail(
			"INVALID",
			`cannot solve for ${diagonals.rows} diagonals of ${size} and ${b.rows} rows: wanted 3 diagonals and as many rows as they have numbers`,
		);
	// each row holds its diagonal, and two to the right of it: one more than there was, for exchanged rows
	const [above, on, below] = [0, 1, 2].map((row) =>
		diagonals.data.slice(row * size, (row + 1) * size),
	);
	const beyond = new Float64Array(size);
	const x = matrix(size, columns, b.data.slice());
	if (size > 0) above[size - 1] = 0;
	for (let k = 0; k + 1 < size; k++) {
		const isExchanged =
			boolAttr(node, "partial_pivoting") &&
			Math.abs(on[k]) < Math.abs(below[k + 1]);
		if (isExchanged) {
			[on[k], below[k + 1]] = [below[k + 1], on[k]];
			[above[k], on[k + 1]] = [on[k + 1], above[k]];
			[beyond[k], above[k + 1]] = [above[k + 1], beyond[k]];
			for (let j = 0; j < columns; j++) {
				const at = k * columns + j;
				[x.data[at], x.data[at + columns]] = [x.data[at + columns], x.data[at]];
			}
		}
		if (on[k] === 0)
			throw fail("INVALID", "cannot invert a matrix: it is singular");
		const factor = below[k + 1] / on[k];
		on[k + 1] -= factor * above[k];
		above[k + 1] -= factor * beyond[k];
		subtract(x, k + 1, k, factor);
	}
	for (let row = size - 1; row >= 0; row--) {
		if (on[row] === 0)
			throw fail("INVALID", "cannot invert a matrix: it is singular");
		if (row + 1 < size) subtract(x, row, row + 1, above[row]);
		if (row + 2 < size) subtract(x, row, row + 2, beyond[row]);
		for (let j = 0; j < columns; j++) x.data[row * columns + j] /= on[row];
	}
	return [whole(x)];
});

/** `TridiagonalSolve`: nothing is solved where there is no right side. */
export const tridiagonalSolve: HostKernel = (node, inputs) =>
	elementCount(inputs[1].shape) === 0
		? [inputs[1]]
		: solveDiagonals(node, inputs);

/** `TridiagonalMatMul`: diagonals above, on and below, times a matrix. */
export const tridiagonalMatMul = matrixKernel(([above, on, below, b]) => {
	const { rows, columns } = b;
	const product = matrix(rows, columns);
	for (let row = 0; row < rows; row++) {
		addMultiple(product, b, row, row, on.data[row]);
		if (row > 0) addMultiple(product, b, row, row - 1, below.data[row]);
		if (row + 1 < rows) addMultiple(product, b, row, row + 1, above.data[row]);
	}
	return [whole(product)];
});

/** Adds a multiple of a row of `b` to a row of a product. */
function addMultiple(
	product: Matrix,
	b: Matrix,
	row: number,
	from: number,
	factor: number,
): void {
	const { columns } = b;
	for (let j = 0; j < columns; j++)
		product.data[row * columns + j] += factor * b.data[from * columns + j];
}
