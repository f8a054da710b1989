import { fail } from "../../../errors.js";
import { type Matrix, square } from "../../linalg/matrices.js";
import { complexMatrix } from "./matrices.js";
import {
	complexReflectionOf,
	reflectColumns,
	reflectRows,
	unitary,
} from "./reflection.js";
import {
	type Complex,
	complex,
	conjugate,
	divide,
	minus,
	plus,
	root,
	scaled,
	size,
	sum,
	times,
} from "./scalar.js";

/** A = U T U*, T an upper triangle. */
export interface Schur {
	readonly t: Matrix;
	readonly u: Matrix;
}

/** As Eigen's ComplexSchur does it, so that U has its phases. */
export function schurOf(a: Matrix, epsilon: number): Schur {
	const n = square(a);
	const t = complexMatrix(n, n, a.data.slice());
	const u = reduceToHessenberg(t);
	let [bottom, round] = [n - 1, 0];
	for (let total = 0; ; total++) {
		while (bottom > 0 && isNegligible(t, bottom - 1, epsilon)) {
			round = 0;
			bottom--;
		}
		if (bottom <= 0) break;
		if (total > ROUNDS * n)
			throw fail("INVALID", "cannot find eigenvalues: they do not settle");
		round++;
		let top = bottom - 1;
		while (top > 0 && !isNegligible(t, top - 1, epsilon)) top--;
		step(t, u, top, bottom, shiftOf(t, bottom, round));
	}
	for (let row = 1; row < n; row++)
		t.data.fill(0, 2 * row * n, 2 * (row * n + row));
	return { t, u };
}

const ROUNDS = 30;

function reduceToHessenberg(t: Matrix): Matrix {
	const n = t.rows;
	const reflections = Array.from({ length: Math.max(n - 2, 0) }, (_, k) => {
		const reflection = complexReflectionOf(t, k, k + 1);
		reflectRows(t, reflection);
		reflectColumns(t, reflection);
		return reflection;
	});
	// the last column has one number below the diagonal, which becomes real
	if (n > 1) {
		const reflection = complexReflectionOf(t, n - 2, n - 1);
		reflectRows(t, reflection);
		reflectColumns(t, reflection);
		reflections.push(reflection);
	}
	return unitary(reflections, n, n);
}

export function entry(
	{ columns, data }: Matrix,
	i: number,
	j: number,
): Complex {
	const at = 2 * (i * columns + j);
	return complex(data[at], data[at + 1]);
}

export function setEntry(
	{ columns, data }: Matrix,
	i: number,
	j: number,
	{ re, im }: Complex,
): void {
	const at = 2 * (i * columns + j);
	data[at] = re;
	data[at + 1] = im;
}

/** Whether the number below the diagonal is nothing beside its neighbours on it; it is then 0. */
function isNegligible(t: Matrix, i: number, epsilon: number): boolean {
	const near = sum(entry(t, i, i)) + sum(entry(t, i + 1, i + 1));
	if (sum(entry(t, i + 1, i)) > near * epsilon) return false;
	setEntry(t, i + 1, i, complex(0, 0));
	return true;
}

/** The eigenvalue of the last two rows and columns that is closer to the last number. */
function shiftOf(t: Matrix, last: number, round: number): Complex {
	if ((round === 10 || round === 20) && last > 1)
		return complex(
			Math.abs(entry(t, last, last - 1).re) +
				Math.abs(entry(t, last - 1, last - 2).re),
			0,
		);
	const corner = [
		entry(t, last - 1, last - 1),
		entry(t, last - 1, last),
		entry(t, last, last - 1),
		entry(t, last, last),
	];
	const scale = corner.reduce((total, value) => total + size(value), 0);
	const [a, b, c, d] = corner.map((value) => scaled(value, 1 / scale));
	const product = times(b, c);
	const difference = minus(a, d);
	const discriminant = root(
		plus(times(difference, difference), scaled(product, 4)),
	);
	const determinant = minus(times(a, d), product);
	const trace = plus(a, d);
	let one = scaled(plus(trace, discriminant), 0.5);
	let other = scaled(minus(trace, discriminant), 0.5);
	if (sum(one) > sum(other)) other = divide(determinant, one);
	else if (sum(other) !== 0) one = divide(determinant, other);
	const nearer = sum(minus(one, d)) < sum(minus(other, d)) ? one : other;
	return scaled(nearer, scale);
}

/** One sweep of rotations from row `top` to `bottom`. */
function step(
	t: Matrix,
	u: Matrix,
	top: number,
	bottom: number,
	shift: Complex,
): void {
	const n = t.rows;
	for (let i = top; i < bottom; i++) {
		const rotation =
			i === top
				? givens(minus(entry(t, i, i), shift), entry(t, i + 1, i))
				: givens(entry(t, i, i - 1), entry(t, i + 1, i - 1));
		rotateRows(t, i, Math.max(i - 1, 0), rotation);
		if (i > top) setEntry(t, i + 1, i - 1, complex(0, 0));
		rotateColumns(t, i, Math.min(i + 2, bottom) + 1, rotation);
		rotateColumns(u, i, n, rotation);
	}
}

interface Rotation {
	readonly c: number;
	readonly s: Complex;
}

/** Eigen's makeGivens for complex numbers. */
function givens(p: Complex, q: Complex): Rotation {
	if (q.re === 0 && q.im === 0)
		return { c: p.re < 0 ? -1 : 1, s: complex(0, 0) };
	if (p.re === 0 && p.im === 0) return { c: 0, s: scaled(q, -1 / size(q)) };
	const [x, y] = [size(p), size(q)];
	const length = Math.hypot(x, y) * (p.re < 0 ? -1 : 1);
	const phase = scaled(conjugate(p), 1 / x);
	return { c: x / length, s: scaled(times(phase, q), -1 / length) };
}

/** Rows i and i + 1, from column `from` on, by the adjoint rotation. */
function rotateRows(
	t: Matrix,
	i: number,
	from: number,
	{ c, s }: Rotation,
): void {
	for (let j = from; j < t.columns; j++) {
		const [x, y] = [entry(t, i, j), entry(t, i + 1, j)];
		setEntry(t, i, j, minus(scaled(x, c), times(conjugate(s), y)));
		setEntry(t, i + 1, j, plus(times(s, x), scaled(y, c)));
	}
}

/** Columns i and i + 1 of the first rows. */
function rotateColumns(
	t: Matrix,
	i: number,
	rows: number,
	{ c, s }: Rotation,
): void {
	for (let k = 0; k < rows; k++) {
		const [x, y] = [entry(t, k, i), entry(t, k, i + 1)];
		setEntry(t, k, i, minus(scaled(x, c), times(s, y)));
		setEntry(t, k, i + 1, plus(times(conjugate(s), x), scaled(y, c)));
	}
}
