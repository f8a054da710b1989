import type { Matrix } from "../../linalg/matrices.js";
import { complexMatrix } from "./matrices.js";

/** A vector of complex numbers, their parts beside one another. */
export type ComplexVector = Float64Array;

/** The sum of conj(a) b. */
export function inner(a: ComplexVector, b: ComplexVector): [number, number] {
	let [re, im] = [0, 0];
	for (let i = 0; i < a.length; i += 2) {
		re += a[i] * b[i] + a[i + 1] * b[i + 1];
		im += a[i] * b[i + 1] - a[i + 1] * b[i];
	}
	return [re, im];
}

export function norm(a: ComplexVector): number {
	return Math.sqrt(a.reduce((sum, part) => sum + part * part, 0));
}

export function divided(a: ComplexVector, by: number): ComplexVector {
	return a.map((part) => part / by);
}

/**
 * What of a vector stands at right angles to those of `basis`, all of length 1, made as long; `undefined` if hardly
 * anything does.
 */
export function beside(
	basis: readonly ComplexVector[],
	vector: ComplexVector,
): ComplexVector | undefined {
	const rest = vector.slice();
	// twice, since what is left may be small
	for (let pass = 0; pass < 2; pass++)
		for (const known of basis) {
			const [re, im] = inner(known, rest);
			for (let i = 0; i < rest.length; i += 2) {
				rest[i] -= re * known[i] - im * known[i + 1];
				rest[i + 1] -= re * known[i + 1] + im * known[i];
			}
		}
	const length = norm(rest);
	return length > DEPENDENT * norm(vector) ? divided(rest, length) : undefined;
}

const DEPENDENT = 0.1;

/** Vectors at right angles to each other and to those that are there, until there are `count`. */
export function completed(
	basis: readonly ComplexVector[],
	size: number,
	count: number,
): readonly ComplexVector[] {
	const all = [...basis];
	// of the axes some always stands out
	while (all.length < count) {
		const rests = Array.from({ length: size }, (_, axis) => {
			const unit = new Float64Array(2 * size);
			unit[2 * axis] = 1;
			return beside(all, unit);
		});
		const found = rests.find((rest) => rest !== undefined);
		if (found === undefined) break;
		all.push(found);
	}
	return all;
}

/** The matrix whose columns these are. */
export function ofColumns(
	columns: readonly ComplexVector[],
	rows: number,
): Matrix {
	const result = complexMatrix(rows, columns.length);
	for (const [j, column] of columns.entries())
		for (let i = 0; i < rows; i++) {
			const to = 2 * (i * columns.length + j);
			result.data[to] = column[2 * i];
			result.data[to + 1] = column[2 * i + 1];
		}
	return result;
}

/** Column `j` of a real matrix [re; im] as complex numbers. */
export function halvesOf(wide: Matrix, j: number): ComplexVector {
	const size = wide.rows / 2;
	const vector = new Float64Array(2 * size);
	for (let i = 0; i < size; i++) {
		vector[2 * i] = wide.data[i * wide.columns + j];
		vector[2 * i + 1] = wide.data[(size + i) * wide.columns + j];
	}
	return vector;
}
