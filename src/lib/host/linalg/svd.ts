import { boolAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import {
	orthogonal,
	type Reflection,
	reflect,
	reflectionOf,
} from "./householder.js";
import {
	epsilonOf,
	identity,
	type Matrix,
	matrix,
	matrixKernel,
	transposed,
	whole,
	withoutVectors,
} from "./matrices.js";
import {
	inverse,
	product,
	type Rotation,
	turnColumns,
	turnRows,
} from "./rotation.js";
import { exchange } from "./self-adjoint.js";

/** `Svd`: singular values, falling, and the columns of U and V. */
export const svd: HostKernel = (node, inputs) => {
	const isWhole = boolAttr(node, "compute_uv");
	const results = matrixKernel(([a]) => {
		const { values, u, v } = decomposed(
			a,
			boolAttr(node, "full_matrices"),
			epsilonOf(inputs[0].dtype),
		);
		const list = { shape: [values.length], data: values };
		return isWhole ? [list, whole(u), whole(v)] : [list];
	})(node, inputs);
	return isWhole ? results : withoutVectors(results, 2);
};

export interface Svd {
	readonly values: Float64Array;
	readonly u: Matrix;
	readonly v: Matrix;
}

/**
 * Jacobi's method on both sides, as Eigen's JacobiSVD does it, which TensorFlow uses for matrices of less than 16 columns:
 * the vectors have its signs.
 */
export function decomposed(a: Matrix, isFull: boolean, epsilon: number): Svd {
	const scale = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
	const scaled = matrix(
		a.rows,
		a.columns,
		a.data.map((x) => x / scale),
	);
	const { work, u, v } = prepared(scaled, isFull);
	sweep({ work, u, v }, epsilon);
	const size = work.columns;
	const values = Float64Array.from({ length: size }, (_, k) => {
		const value = work.data[k * size + k];
		if (value < 0)
			for (let row = 0; row < u.rows; row++) u.data[row * u.columns + k] *= -1;
		return Math.abs(value) * scale;
	});
	for (let k = 0; k < size; k++) {
		let highest = k;
		for (let i = k + 1; i < size; i++)
			if (values[i] > values[highest]) highest = i;
		if (highest === k) continue;
		exchange(new Float64Array(size), u, k, highest);
		exchange(values, v, k, highest);
	}
	return { values, u, v };
}

/** A square matrix, and what was turned to get it. */
interface Prepared {
	readonly work: Matrix;
	readonly u: Matrix;
	readonly v: Matrix;
}

/** A matrix that is not square is made triangular, the longest of its shorter lines first (ColPivHouseholderQR). */
function prepared(a: Matrix, isFull: boolean): Prepared {
	const { rows, columns } = a;
	if (rows === columns)
		return { work: a, u: identity(rows), v: identity(rows) };
	if (rows < columns) {
		const { work, u, v } = prepared(transposed(a), isFull);
		return { work: transposed(work), u: v, v: u };
	}
	const v = identity(columns);
	const spare = new Float64Array(columns);
	const reflections = Array.from({ length: columns }, (_, k): Reflection => {
		const longest = longestColumn(a, k);
		exchange(spare, a, k, longest);
		exchange(spare, v, k, longest);
		const reflection = reflectionOf(a, k, k);
		reflect(a, reflection, k);
		return reflection;
	});
	const work = matrix(columns, columns);
	for (let row = 0; row < columns; row++)
		for (let column = row; column < columns; column++)
			work.data[row * columns + column] = a.data[row * columns + column];
	return { work, u: orthogonal(reflections, rows, isFull ? rows : columns), v };
}

/** Below row `from`. */
function longestColumn({ rows, columns, data }: Matrix, from: number): number {
	let [longest, most] = [from, -1];
	for (let column = from; column < columns; column++) {
		let square = 0;
		for (let row = from; row < rows; row++)
			square += data[row * columns + column] ** 2;
		if (square > most) [longest, most] = [column, square];
	}
	return longest;
}

/** Sweeps are few; NaN would never end. */
const MAX_SWEEPS = 60;

function sweep({ work, u, v }: Prepared, epsilon: number): void {
	const size = work.columns;
	const { data } = work;
	const at = (p: number, q: number) => Math.abs(data[p * size + q]);
	let highest = 0;
	for (let k = 0; k < size; k++) highest = Math.max(highest, at(k, k));
	let isFinished = false;
	for (let count = 0; !isFinished && count < MAX_SWEEPS; count++) {
		isFinished = true;
		for (let p = 1; p < size; p++)
			for (let q = 0; q < p; q++) {
				const limit = 2 * epsilon * highest;
				if (!(at(p, q) > limit || at(q, p) > limit)) continue;
				isFinished = false;
				const { left, right } = rotations(work, p, q);
				turnRows(work, p, q, left);
				turnColumns(u, p, q, inverse(left));
				turnColumns(work, p, q, right);
				turnColumns(v, p, q, right);
				highest = Math.max(highest, at(p, p), at(q, q));
			}
	}
}

/** The rotations that make a block of two rows and columns diagonal (RealSvd2x2.h). */
function rotations(
	{ columns, data }: Matrix,
	p: number,
	q: number,
): { readonly left: Rotation; readonly right: Rotation } {
	const [a, b] = [data[p * columns + p], data[p * columns + q]];
	const [c, d] = [data[q * columns + p], data[q * columns + q]];
	const first = symmetrizing(a + d, c - b);
	const x = first.c * a + first.s * c;
	const y = first.c * b + first.s * d;
	const z = first.c * d - first.s * b;
	const right = jacobi(x, y, z);
	return { left: product(first, inverse(right)), right };
}

function symmetrizing(sum: number, difference: number): Rotation {
	if (difference === 0) return { c: 1, s: 0 };
	const u = sum / difference;
	const length = Math.sqrt(1 + u * u);
	return { c: u / length, s: 1 / length };
}

/** For a symmetric block (Jacobi.h, makeJacobi). */
function jacobi(x: number, y: number, z: number): Rotation {
	if (y === 0) return { c: 1, s: 0 };
	const tau = (x - z) / (2 * Math.abs(y));
	const w = Math.sqrt(tau * tau + 1);
	const t = tau > 0 ? 1 / (tau + w) : 1 / (tau - w);
	const c = 1 / Math.sqrt(t * t + 1);
	return { c, s: -Math.sign(t) * Math.sign(y) * Math.abs(t) * c };
}
