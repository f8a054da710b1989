import { boolAttr } from "../../graph/attrs.js";
import {
	identity,
	type Matrix,
	matrix,
	matrixKernel,
	whole,
} from "./matrices.js";

/** I - factor · v vᵀ, which mirrors a column onto its first number; v is 1 and then the tail, from row `from` on. */
export interface Reflection {
	readonly from: number;
	readonly factor: number;
	/** From row `from` on; the first is 1. */
	readonly vector: Float64Array;
	/** What the column's first number becomes. */
	readonly beta: number;
}

/** The smallest positive normal number: a tail whose square is not larger is none. */
const TINY = 2.2250738585072014e-308;

/** The reflection of a column below row `from`, with Eigen's sign (Householder.h, makeHouseholder). */
export function reflectionOf(
	{ rows, columns, data }: Matrix,
	column: number,
	from: number,
): Reflection {
	const vector = new Float64Array(rows - from);
	let square = 0;
	for (let row = from + 1; row < rows; row++) {
		vector[row - from] = data[row * columns + column];
		square += vector[row - from] ** 2;
	}
	const first = data[from * columns + column];
	vector[0] = 1;
	if (square <= TINY)
		return { from, factor: 0, vector: vector.fill(0, 1), beta: first };
	const norm = Math.sqrt(first * first + square);
	const beta = first >= 0 ? -norm : norm;
	for (let i = 1; i < vector.length; i++) vector[i] /= first - beta;
	return { from, factor: (beta - first) / beta, vector, beta };
}

/** Mirrors the columns from `start` on, in place. */
export function reflect(
	{ columns, data }: Matrix,
	{ from, factor, vector }: Reflection,
	start = 0,
): void {
	if (factor === 0) return;
	for (let column = start; column < columns; column++) {
		let sum = 0;
		for (let i = 0; i < vector.length; i++)
			sum += vector[i] * data[(from + i) * columns + column];
		for (let i = 0; i < vector.length; i++)
			data[(from + i) * columns + column] -= factor * sum * vector[i];
	}
}

/** The product of reflections with the first columns of the identity: an orthogonal matrix. */
export function orthogonal(
	reflections: readonly Reflection[],
	rows: number,
	columns: number,
): Matrix {
	const q = identity(rows, columns);
	for (const reflection of reflections.toReversed()) reflect(q, reflection);
	return q;
}

/** `Qr` (Eigen's HouseholderQR). */
export const qr = matrixKernel(([a], node) => {
	const { rows, columns } = a;
	const r = matrix(rows, columns, a.data.slice());
	const rank = Math.min(rows, columns);
	const reflections = Array.from({ length: rank }, (_, k) => {
		const reflection = reflectionOf(r, k, k);
		reflect(r, reflection, k);
		for (let row = k + 1; row < rows; row++) r.data[row * columns + k] = 0;
		return reflection;
	});
	const width = boolAttr(node, "full_matrices") ? rows : rank;
	return [
		whole(orthogonal(reflections, rows, width)),
		whole(matrix(width, columns, r.data.slice(0, width * columns))),
	];
});
