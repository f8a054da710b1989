import { fail } from "../../errors.js";
import { boolAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { Tensor } from "../../tensor/tensor.js";
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
export const matrixSolveLs: HostKernel = (node, [a, b, regularizer]) =>
	matrixKernel(([x, y]) => [whole(leastSquares(node, x, y, regularizer))])(
		node,
		[a, b],
	);

/** x for which A x is closest to b. Fails with INVALID where sizes do not fit. */
export function leastSquares(
	node: Node,
	a: Matrix,
	b: Matrix,
	regularizer: Tensor,
): Matrix {
	const weight = Number(regularizer.data[0]);
	if (!(weight >= 0))
		throw fail(
			"INVALID",
			`cannot regularize by ${weight}: wanted a number from 0`,
		);
	if (a.rows !== b.rows)
		throw fail(
			"INVALID",
			`cannot solve: the matrix has ${a.rows} rows, the right side ${b.rows}`,
		);
	return boolAttr(node, "fast")
		? normalEquations(a, b, weight)
		: shortest(a, b);
}

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
