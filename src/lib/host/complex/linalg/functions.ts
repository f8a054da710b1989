import { DTYPES } from "../../../tensor/dtype.js";
import type { HostKernel } from "../../kernel.js";
import { solved } from "../../linalg/lu.js";
import { type Matrix, whole } from "../../linalg/matrices.js";
import {
	adjoint,
	complexIdentity,
	complexMatrix,
	narrowed,
	onComplex,
	product,
	widened,
} from "./matrices.js";
import {
	type Complex,
	complex,
	divide,
	minus,
	plus,
	root,
	times,
} from "./scalar.js";
import { entry, schurOf, setEntry } from "./schur.js";

const EPSILON = Number.EPSILON;

/** `MatrixSquareRoot`: by the upper triangle's, whose diagonal has the roots of its. */
export const matrixSquareRoot: HostKernel = (node, inputs) => {
	const isReal = DTYPES[inputs[0].dtype].kind !== "complex";
	return onComplex(([a]) => {
		const { t, u } = schurOf(a, EPSILON);
		const result = whole(turnedBack(rootOf(t), u));
		return [isReal ? { ...result, data: realParts(result.data) } : result];
	})(node, inputs);
};

function realParts(data: ArrayLike<number>): Float64Array {
	return Float64Array.from({ length: data.length / 2 }, (_, i) => data[2 * i]);
}

function turnedBack(t: Matrix, u: Matrix): Matrix {
	return product(product(u, t), adjoint(u));
}

function rootOf(t: Matrix): Matrix {
	const n = t.rows;
	const r = complexMatrix(n, n);
	for (let j = 0; j < n; j++) {
		setEntry(r, j, j, root(entry(t, j, j)));
		for (let i = j - 1; i >= 0; i--) {
			let rest = entry(t, i, j);
			for (let k = i + 1; k < j; k++)
				rest = minus(rest, times(entry(r, i, k), entry(r, k, j)));
			const denominator: Complex = plus(entry(r, i, i), entry(r, j, j));
			const isZero = denominator.re === 0 && denominator.im === 0;
			setEntry(r, i, j, isZero ? complex(0, 0) : divide(rest, denominator));
		}
	}
	return r;
}

/** `MatrixLogarithm`: roots are taken until the triangle is near 1; ln T = 2 artanh((T - 1) / (T + 1)). */
export const matrixLogarithm: HostKernel = onComplex(([a]) => {
	const { t, u } = schurOf(a, EPSILON);
	let [near, factor] = [t, 2];
	for (let k = 0; k < MOST_ROOTS && distanceFromOne(near) > NEAR; k++) {
		near = rootOf(near);
		factor *= 2;
	}
	const one = complexIdentity(t.rows);
	const z = narrowed(
		solved(widened(combined(near, one, 1)), widened(combined(near, one, -1))),
	);
	const square = product(z, z);
	let [power, total] = [z, z];
	for (let k = 3; k < TERMS; k += 2) {
		power = product(power, square);
		total = combined(total, power, 1 / k);
	}
	const logarithm = complexMatrix(
		t.rows,
		t.rows,
		total.data.map((part) => part * factor),
	);
	return [whole(turnedBack(logarithm, u))];
});

const MOST_ROOTS = 60;
const NEAR = 0.25;
/** Powers of at most an eighth or so. */
const TERMS = 21;

function distanceFromOne(t: Matrix): number {
	const difference = combined(t, complexIdentity(t.rows), -1);
	return Math.sqrt(
		difference.data.reduce((total, part) => total + part * part, 0),
	);
}

/** a + factor b */
function combined(a: Matrix, b: Matrix, factor: number): Matrix {
	return complexMatrix(
		a.rows,
		a.columns,
		a.data.map((part, i) => part + factor * b.data[i]),
	);
}
