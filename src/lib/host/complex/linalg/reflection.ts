import { boolAttr } from "../../../graph/attrs.js";
import type { HostKernel } from "../../kernel.js";
import { type Matrix, whole } from "../../linalg/matrices.js";
import {
	complexIdentity,
	complexMatrix,
	complexMatrixKernel,
} from "./matrices.js";

/** I - factor v v*, where v is 0 above row `start`. */
export interface ComplexReflection {
	readonly start: number;
	readonly vector: Float64Array;
	readonly factor: readonly [re: number, im: number];
}

/** The reflection after which a column has nothing but `length` from row `start` on (Eigen's Householder.h). */
export function complexReflectionOf(
	{ rows, columns, data }: Matrix,
	column: number,
	start: number,
): ComplexReflection & { readonly length: number } {
	const vector = new Float64Array(2 * rows);
	let tail = 0;
	for (let row = start; row < rows; row++) {
		const from = 2 * (row * columns + column);
		vector.set(data.subarray(from, from + 2), 2 * row);
		if (row > start) tail += data[from] ** 2 + data[from + 1] ** 2;
	}
	const [re, im] = [vector[2 * start], vector[2 * start + 1]];
	if (tail <= TINY && im * im <= TINY)
		return {
			start,
			vector: new Float64Array(2 * rows),
			factor: [0, 0],
			length: re,
		};
	const size = Math.sqrt(re * re + im * im + tail);
	const length = re >= 0 ? -size : size;
	const [p, q] = [re - length, im];
	const square = p * p + q * q;
	for (let at = 2 * start + 2; at < vector.length; at += 2) {
		const [x, y] = [vector[at], vector[at + 1]];
		vector[at] = (x * p + y * q) / square;
		vector[at + 1] = (y * p - x * q) / square;
	}
	vector[2 * start] = 1;
	vector[2 * start + 1] = 0;
	return {
		start,
		vector,
		factor: [(length - re) / length, im / length],
		length,
	};
}

const TINY = 2 ** -1022;

/** M - factor v (v* M), in place; the adjoint reflection has the conjugate factor. */
export function reflectRows(
	{ rows, columns, data }: Matrix,
	{ start, vector, factor: [re, im] }: ComplexReflection,
	isAdjoint = false,
): void {
	const sign = isAdjoint ? -1 : 1;
	for (let j = 0; j < columns; j++) {
		let [x, y] = [0, 0];
		for (let i = start; i < rows; i++) {
			const at = 2 * (i * columns + j);
			const [p, q] = [vector[2 * i], vector[2 * i + 1]];
			x += p * data[at] + q * data[at + 1];
			y += p * data[at + 1] - q * data[at];
		}
		[x, y] = [re * x - sign * im * y, re * y + sign * im * x];
		for (let i = start; i < rows; i++) {
			const at = 2 * (i * columns + j);
			const [p, q] = [vector[2 * i], vector[2 * i + 1]];
			data[at] -= p * x - q * y;
			data[at + 1] -= p * y + q * x;
		}
	}
}

/** M - conj(factor) (M v) v*, in place. */
export function reflectColumns(
	{ rows, columns, data }: Matrix,
	{ start, vector, factor: [re, im] }: ComplexReflection,
): void {
	for (let i = 0; i < rows; i++) {
		let [x, y] = [0, 0];
		for (let j = start; j < columns; j++) {
			const at = 2 * (i * columns + j);
			const [p, q] = [vector[2 * j], vector[2 * j + 1]];
			x += data[at] * p - data[at + 1] * q;
			y += data[at] * q + data[at + 1] * p;
		}
		[x, y] = [re * x + im * y, re * y - im * x];
		for (let j = start; j < columns; j++) {
			const at = 2 * (i * columns + j);
			const [p, q] = [vector[2 * j], vector[2 * j + 1]];
			data[at] -= x * p + y * q;
			data[at + 1] -= y * p - x * q;
		}
	}
}

/** The product of the adjoint reflections, its first columns. */
export function unitary(
	reflections: readonly ComplexReflection[],
	rows: number,
	columns: number,
): Matrix {
	const q = complexIdentity(rows, columns);
	for (const reflection of reflections.toReversed())
		reflectRows(q, reflection, true);
	return q;
}

const qr: HostKernel = complexMatrixKernel(([a], node) => {
	const { rows, columns } = a;
	const smaller = Math.min(rows, columns);
	const width = boolAttr(node, "full_matrices") ? rows : smaller;
	const work = complexMatrix(rows, columns, a.data.slice());
	const reflections = Array.from({ length: smaller }, (_, k) => {
		const reflection = complexReflectionOf(work, k, k);
		reflectRows(work, reflection);
		return reflection;
	});
	const r = complexMatrix(width, columns);
	for (let row = 0; row < smaller; row++) {
		const [from, to] = [2 * (row * columns + row), 2 * (row + 1) * columns];
		r.data.set(work.data.subarray(from, to), from);
	}
	return [whole(unitary(reflections, rows, width)), whole(r)];
});

export const complexReflections: Readonly<Record<string, HostKernel>> = {
	Qr: qr,
};
