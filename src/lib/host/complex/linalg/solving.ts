import { fail } from "../../../errors.js";
import { boolAttr } from "../../../graph/attrs.js";
import type { HostKernel } from "../../kernel.js";
import { leastSquares } from "../../linalg/least-squares.js";
import { solved } from "../../linalg/lu.js";
import { type Matrix, square, whole } from "../../linalg/matrices.js";
import {
	adjoint,
	complexIdentity,
	complexMatrix,
	complexMatrixKernel,
	narrowed,
	product,
	widened,
} from "./matrices.js";

/** x in A x = b. */
function complexSolved(a: Matrix, b: Matrix): Matrix {
	return narrowed(solved(widened(a), widened(b)));
}

/** One triangle of a matrix, its diagonal included. */
function triangle(a: Matrix, isLower: boolean): Matrix {
	const size = square(a);
	const kept = complexMatrix(size, size);
	for (let row = 0; row < size; row++) {
		const [from, to] = isLower ? [0, row + 1] : [row, size];
		const [start, end] = [2 * (row * size + from), 2 * (row * size + to)];
		kept.data.set(a.data.subarray(start, end), start);
	}
	return kept;
}

/** A square matrix of diagonals: `bandOf` says which number of the input stands in a place, -1 for none. */
function banded(
	{ columns: size, data }: Matrix,
	bandOf: (row: number, column: number) => number,
): Matrix {
	const a = complexMatrix(size, size);
	for (let row = 0; row < size; row++)
		for (let column = 0; column < size; column++) {
			const band = bandOf(row, column);
			if (band < 0) continue;
			const [from, to] = [2 * (band * size + row), 2 * (row * size + column)];
			a.data.set(data.subarray(from, from + 2), to);
		}
	return a;
}

/** Rows: the diagonals above, on and below. */
function tridiagonal(diagonals: Matrix): Matrix {
	return banded(diagonals, (row, column) =>
		Math.abs(row - column) > 1 ? -1 : 1 + row - column,
	);
}

const bandedTriangularSolve = complexMatrixKernel(([bands, b], node) => {
	const isLower = boolAttr(node, "lower");
	const a = banded(bands, (row, column) => {
		const distance = isLower ? row - column : column - row;
		if (distance < 0 || distance >= bands.rows) return -1;
		return isLower ? distance : bands.rows - 1 - distance;
	});
	return [whole(complexSolved(boolAttr(node, "adjoint") ? adjoint(a) : a, b))];
});

const matrixSolveLs: HostKernel = (node, [a, b, regularizer]) =>
	complexMatrixKernel(([x, y]) => [
		whole(narrowed(leastSquares(node, widened(x), widened(y), regularizer))),
	])(node, [a, b]);

const tridiagonalMatMul = complexMatrixKernel(([above, on, below, b]) => {
	const size = on.columns;
	const all = complexMatrix(3, size);
	for (const [row, { data }] of [above, on, below].entries())
		all.data.set(data, 2 * row * size);
	return [whole(product(tridiagonal(all), b))];
});

const tridiagonalSolve = complexMatrixKernel(([diagonals, b]) => {
	if (diagonals.rows !== 3)
		throw fail(
			"INVALID",
			`cannot solve for ${diagonals.rows} diagonals: wanted 3`,
		);
	return [whole(complexSolved(tridiagonal(diagonals), b))];
});

export const complexSolving: Readonly<Record<string, HostKernel>> = {
	MatrixInverse: complexMatrixKernel(([a], node) => {
		const inverse = complexSolved(a, complexIdentity(square(a)));
		return [whole(boolAttr(node, "adjoint") ? adjoint(inverse) : inverse)];
	}),
	MatrixSolve: complexMatrixKernel(([a, b], node) => [
		whole(complexSolved(boolAttr(node, "adjoint") ? adjoint(a) : a, b)),
	]),
	MatrixTriangularSolve: complexMatrixKernel(([a, b], node) => {
		const part = triangle(a, boolAttr(node, "lower"));
		return [
			whole(complexSolved(boolAttr(node, "adjoint") ? adjoint(part) : part, b)),
		];
	}),
	MatrixSolveLs: matrixSolveLs,
	BandedTriangularSolve: bandedTriangularSolve,
	TridiagonalSolve: tridiagonalSolve,
	TridiagonalMatMul: tridiagonalMatMul,
};
