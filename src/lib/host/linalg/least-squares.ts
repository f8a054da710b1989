import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { choleskyRoot } from "./cholesky.js";
import {
	type Matrix,
	matrix,
	matrixKernel,
	multiplied,
	transposed,
	whole,
} from "./matrices.js";
import { decomposed } from "./svd.js";
import { triangularSolved } from "./triangular.js";

/** `MatrixSolveLs` (kernels/linalg/matrix_solve_ls_op.h): by the normal equations, or the shortest of all solutions. */
export const matrixSolveLs: HostKernel = (node, [a, b, regularizer]) => {
	const weight = Number(regularizer.data[0]);
	if (!(weight >= 0))
		throw fail(
			"INVALID",
			`cannot regularize by ${weight}: wanted a number from 0`,
		);
	const isFast = boolAttr(node, "fast");
	return matrixKernel(([x, y]) => {
		if (x.rows !== y.rows)
			throw fail(
				"INVALID",
				`cannot solve: the matrix has ${x.rows} rows, the right side ${y.rows}`,
			);
		return [whole(isFast ? normalEquations(x, y, weight) : shortest(x, y))];
	})(node, [a, b]);
};

function normalEquations(a: Matrix, b: Matrix, weight: number): Matrix {
	const turned = transposed(a);
	const isTall = a.rows >= a.columns;
	const gram = isTall ? multiplied(turned, a) : multiplied(a, turned);
	for (let k = 0; k < gram.rows; k++) gram.data[k * gram.rows + k] += weight;
	const root = choleskyRoot(gram);
	if (root === undefined)
		throw fail(
			"INVALID",
			"cannot solve by least squares: the matrix lacks rank",
		);
	const solve = (right: Matrix) =>
		triangularSolved(
			transposed(root),
			triangularSolved(root, right, true),
			false,
		);
	return isTall ? solve(multiplied(turned, b)) : multiplied(turned, solve(b));
}

/** By the singular values that are not lost in rounding. */
function shortest(a: Matrix, b: Matrix): Matrix {
	const { values, u, v } = decomposed(a, false, Number.EPSILON);
	const limit = (values[0] ?? 0) * Math.min(a.rows, a.columns) * Number.EPSILON;
	const projected = multiplied(transposed(u), b);
	const scaled = matrix(
		projected.rows,
		projected.columns,
		projected.data.map((x, i) => {
			const value = values[Math.floor(i / projected.columns)];
			return value > limit ? x / value : 0;
		}),
	);
	return multiplied(v, scaled);
}
