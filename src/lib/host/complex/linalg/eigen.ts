import { boolAttr, dtypeAttr } from "../../../graph/attrs.js";
import { DTYPES } from "../../../tensor/dtype.js";
import type { HostKernel } from "../../kernel.js";
import {
	epsilonOf,
	type Matrix,
	type MatrixRule,
	square,
	whole,
	withoutVectors,
} from "../../linalg/matrices.js";
import {
	complexIdentity,
	complexMatrix,
	onComplex,
	product,
} from "./matrices.js";
import {
	type Complex,
	complex,
	conjugate,
	divide,
	minus,
	scaled,
	size,
	times,
} from "./scalar.js";
import { entry, type Schur, schurOf, setEntry } from "./schur.js";

/**
 * `Eig`: eigenvalues, and their vectors of length 1 as columns. Those of complex matrices are in the order of their size
 * and have the phases of Eigen's ComplexEigenSolver; those of real ones are as they were found, a number before its
 * conjugate, and the vector of a real one is real.
 */
export const eig: HostKernel = (node, inputs) => {
	const dtype = dtypeAttr(node, "Tout");
	const isWhole = boolAttr(node, "compute_v");
	const isReal = DTYPES[inputs[0].dtype].kind !== "complex";
	const rule: MatrixRule = ([a]) => {
		const n = square(a);
		const schur = schurOf(a, isReal ? EPSILON : epsilonOf(inputs[0].dtype));
		const found = Array.from({ length: n }, (_, k) => entry(schur.t, k, k));
		const values = isReal ? found.map(settled) : found;
		const order = isReal ? paired(values) : bySize(values);
		const list = {
			shape: [n],
			data: order.flatMap((k) => [values[k].re, values[k].im]),
		};
		if (!isWhole) return [list];
		const isTurned = (k: number) => isReal && values[k].im === 0;
		return [list, whole(columnsOf(vectors(schur), order, isTurned))];
	};
	const results = onComplex(rule, () => [dtype, dtype])(node, inputs);
	return isWhole ? results : withoutVectors(results, 1);
};

/** A real number where the imaginary part is nothing but rounding. */
function settled(value: Complex): Complex {
	return Math.abs(value.im) <= ROUNDING * size(value)
		? complex(value.re, 0)
		: value;
}

const ROUNDING = 1e-10;

function bySize(values: readonly Complex[]): number[] {
	return values
		.map((_, k) => k)
		.sort((p, q) => size(values[p]) - size(values[q]));
}

/** Behind each number above the real line the one that is closest to its conjugate. */
function paired(values: readonly Complex[]): number[] {
	const distance = (p: Complex, q: Complex) => size(minus(p, conjugate(q)));
	const left = values.map((_, k) => k);
	const order: number[] = [];
	for (;;) {
		const first = left.shift();
		if (first === undefined) return order;
		const value = values[first];
		if (value.im === 0 || left.length === 0) {
			order.push(first);
			continue;
		}
		const other = left.reduce((best, k) =>
			distance(values[k], value) < distance(values[best], value) ? k : best,
		);
		left.splice(left.indexOf(other), 1);
		order.push(...(value.im > 0 ? [first, other] : [other, first]));
	}
}

const EPSILON = Number.EPSILON;

/** U X, where T X = X D for an upper triangle X with 1 on its diagonal. */
function vectors({ t, u }: Schur): Matrix {
	const n = t.rows;
	const x = complexIdentity(n);
	const scale = t.data.reduce(
		(most, part) => Math.max(most, Math.abs(part)),
		0,
	);
	for (let k = 0; k < n; k++)
		for (let i = k - 1; i >= 0; i--) {
			let rest = scaled(entry(t, i, k), -1);
			for (let j = i + 1; j < k; j++)
				rest = minus(rest, times(entry(t, i, j), entry(x, j, k)));
			const gap = minus(entry(t, i, i), entry(t, k, k));
			const isZero = gap.re === 0 && gap.im === 0;
			setEntry(
				x,
				i,
				k,
				divide(rest, isZero ? complex(EPSILON * scale, 0) : gap),
			);
		}
	return product(u, x);
}

/** The columns in this order, each of length 1; those that can be real are made so. */
function columnsOf(
	a: Matrix,
	order: readonly number[],
	isTurned: (column: number) => boolean,
): Matrix {
	const result = complexMatrix(a.rows, order.length);
	for (const [j, from] of order.entries()) {
		const column = Array.from({ length: a.rows }, (_, i) => entry(a, i, from));
		const length = Math.hypot(...column.map(size));
		const largest = column.reduce((a, b) => (size(b) > size(a) ? b : a));
		const divisor = isTurned(from)
			? scaled(largest, length / size(largest))
			: complex(length, 0);
		for (const [i, value] of column.entries()) {
			const unit = divide(value, divisor);
			setEntry(result, i, j, isTurned(from) ? complex(unit.re, 0) : unit);
		}
	}
	return result;
}
