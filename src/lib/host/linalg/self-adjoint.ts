import { boolAttr } from "../../graph/attrs.js";
import type { HostKernel } from "../kernel.js";
import { orthogonal, type Reflection, reflectionOf } from "./householder.js";
import {
	epsilonOf,
	type Matrix,
	matrix,
	matrixKernel,
	square,
	whole,
	withoutVectors,
} from "./matrices.js";
import { givens, turnColumns } from "./rotation.js";

/** `SelfAdjointEigV2`: eigenvalues of the lower triangle, rising, and their vectors as columns. */
export const selfAdjointEig: HostKernel = (node, inputs) => {
	const isWhole = boolAttr(node, "compute_v");
	const results = matrixKernel(([a]) => {
		const { values, vectors } = symmetricEigen(a, epsilonOf(inputs[0].dtype));
		const list = { shape: [values.length], data: values };
		return isWhole ? [list, whole(vectors)] : [list];
	})(node, inputs);
	return isWhole ? results : withoutVectors(results, 1);
};

interface Eigen {
	readonly values: Float64Array;
	readonly vectors: Matrix;
}

/** As Eigen's SelfAdjointEigenSolver does it, so that vectors have its signs. */
export function symmetricEigen(a: Matrix, epsilon: number): Eigen {
	const size = square(a);
	const scale = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
	const work = matrix(size, size);
	for (let row = 0; row < size; row++)
		for (let column = 0; column <= row; column++) {
			const value = a.data[row * size + column] / scale;
			work.data[row * size + column] = value;
			work.data[column * size + row] = value;
		}
	const { reflections, below } = tridiagonal(work);
	const values = Float64Array.from(
		{ length: size },
		(_, k) => work.data[k * size + k],
	);
	const vectors = orthogonal(reflections, size, size);
	diagonalize(values, below, vectors, epsilon);
	sortRising(values, vectors);
	return { values: values.map((value) => value * scale), vectors };
}

/** Mirrors a symmetric matrix, in place, until only its diagonal and its neighbours are left (Tridiagonalization.h). */
function tridiagonal(work: Matrix): {
	readonly reflections: readonly Reflection[];
	readonly below: Float64Array;
} {
	const size = work.rows;
	const { data } = work;
	const below = new Float64Array(Math.max(size - 1, 0));
	const reflections = Array.from(below, (_, k) => {
		const reflection = reflectionOf(work, k, k + 1);
		const { factor, vector, beta } = reflection;
		below[k] = beta;
		const rest = k + 1;
		const image = Float64Array.from(vector, (_, i) => {
			let sum = 0;
			for (let j = 0; j < vector.length; j++)
				sum += data[(rest + i) * size + rest + j] * vector[j];
			return factor * sum;
		});
		const overlap = image.reduce((sum, x, i) => sum + x * vector[i], 0);
		for (let i = 0; i < image.length; i++)
			image[i] -= 0.5 * factor * overlap * vector[i];
		for (let i = 0; i < vector.length; i++)
			for (let j = 0; j < vector.length; j++)
				data[(rest + i) * size + rest + j] -=
					vector[i] * image[j] + image[i] * vector[j];
		return reflection;
	});
	return { reflections, below };
}

/** Steps of QR with Wilkinson's shift until nothing is left beside the diagonal (computeFromTridiagonal_impl). */
function diagonalize(
	diagonal: Float64Array,
	below: Float64Array,
	vectors: Matrix,
	epsilon: number,
): void {
	let end = diagonal.length - 1;
	// Eigen's limit: 30 steps a value; NaN never gets small
	for (let step = 0; end > 0 && step <= 30 * diagonal.length; step++) {
		for (let k = 0; k < end; k++) {
			const scaled = below[k] / epsilon;
			if (scaled * scaled <= Math.abs(diagonal[k]) + Math.abs(diagonal[k + 1]))
				below[k] = 0;
		}
		while (end > 0 && below[end - 1] === 0) end--;
		if (end <= 0) break;
		let start = end - 1;
		while (start > 0 && below[start - 1] !== 0) start--;
		qrStep(diagonal, below, start, end, vectors);
	}
}

function qrStep(
	diagonal: Float64Array,
	below: Float64Array,
	start: number,
	end: number,
	vectors: Matrix,
): void {
	let x = diagonal[start] - shiftOf(diagonal, below, end);
	let z = below[start];
	for (let k = start; k < end && z !== 0; k++) {
		const rotation = givens(x, z);
		const { c, s } = rotation;
		const sdk = s * diagonal[k] + c * below[k];
		const next = s * below[k] + c * diagonal[k + 1];
		diagonal[k] =
			c * (c * diagonal[k] - s * below[k]) -
			s * (c * below[k] - s * diagonal[k + 1]);
		diagonal[k + 1] = s * sdk + c * next;
		below[k] = c * sdk - s * next;
		if (k > start) below[k - 1] = c * below[k - 1] - s * z;
		x = below[k];
		if (k < end - 1) {
			z = -s * below[k + 1];
			below[k + 1] *= c;
		}
		turnColumns(vectors, k, k + 1, rotation);
	}
}

function shiftOf(
	diagonal: Float64Array,
	below: Float64Array,
	end: number,
): number {
	const half = (diagonal[end - 1] - diagonal[end]) / 2;
	const e = below[end - 1];
	if (half === 0) return diagonal[end] - Math.abs(e);
	if (e === 0) return diagonal[end];
	const h = Math.hypot(half, e);
	const sum = half + (half > 0 ? h : -h);
	return diagonal[end] - (e * e === 0 ? e / (sum / e) : (e * e) / sum);
}

function sortRising(values: Float64Array, vectors: Matrix): void {
	for (let k = 0; k < values.length - 1; k++) {
		let lowest = k;
		for (let i = k + 1; i < values.length; i++)
			if (values[i] < values[lowest]) lowest = i;
		if (lowest !== k) exchange(values, vectors, k, lowest);
	}
}

/** Exchanges two values and the columns that belong to them. */
export function exchange(
	values: Float64Array,
	{ rows, columns, data }: Matrix,
	a: number,
	b: number,
): void {
	[values[a], values[b]] = [values[b], values[a]];
	for (let row = 0; row < rows; row++) {
		const at = row * columns;
		[data[at + a], data[at + b]] = [data[at + b], data[at + a]];
	}
}
