import type { Matrix } from "./matrices.js";

/** A turn of the plane: Eigen's JacobiRotation. */
export interface Rotation {
	readonly c: number;
	readonly s: number;
}

export function inverse({ c, s }: Rotation): Rotation {
	return { c, s: -s };
}

export function product(a: Rotation, b: Rotation): Rotation {
	return { c: a.c * b.c - a.s * b.s, s: a.c * b.s + a.s * b.c };
}

/** The rotation that turns (p, q) onto the first axis (Jacobi.h, makeGivens). */
export function givens(p: number, q: number): Rotation {
	if (q === 0) return { c: p < 0 ? -1 : 1, s: 0 };
	if (p === 0) return { c: 0, s: q < 0 ? 1 : -1 };
	if (Math.abs(p) > Math.abs(q)) {
		const t = q / p;
		const c = 1 / (Math.sign(p) * Math.sqrt(1 + t * t));
		return { c, s: -t * c };
	}
	const t = p / q;
	const s = -1 / (Math.sign(q) * Math.sqrt(1 + t * t));
	return { c: -t * s, s };
}

/** Turns two rows, in place. */
export function turnRows(
	{ columns, data }: Matrix,
	p: number,
	q: number,
	{ c, s }: Rotation,
): void {
	for (let j = 0; j < columns; j++) {
		const [x, y] = [data[p * columns + j], data[q * columns + j]];
		data[p * columns + j] = c * x + s * y;
		data[q * columns + j] = c * y - s * x;
	}
}

/** Turns two columns, in place. */
export function turnColumns(
	{ rows, columns, data }: Matrix,
	p: number,
	q: number,
	{ c, s }: Rotation,
): void {
	for (let row = 0; row < rows; row++) {
		const at = row * columns;
		const [x, y] = [data[at + p], data[at + q]];
		data[at + p] = c * x - s * y;
		data[at + q] = s * x + c * y;
	}
}
