import { boolAttr } from "../../../graph/attrs.js";
import type { HostKernel } from "../../kernel.js";
import {
	epsilonOf,
	type Matrix,
	square,
	whole,
	withoutVectors,
} from "../../linalg/matrices.js";
import { symmetricEigen } from "../../linalg/self-adjoint.js";
import { decomposed } from "../../linalg/svd.js";
import {
	complexMatrix,
	complexMatrixKernel,
	product,
	widened,
} from "./matrices.js";
import {
	beside,
	type ComplexVector,
	completed,
	divided,
	halvesOf,
	ofColumns,
} from "./vectors.js";

/** `SelfAdjointEigV2`: as real, each eigenvalue occurs twice, with vectors v and i v. */
const selfAdjointEig: HostKernel = (node, inputs) => {
	const isWhole = boolAttr(node, "compute_v");
	const results = complexMatrixKernel(([a]) => {
		const size = square(a);
		const { values, vectors } = symmetricEigen(
			widened(hermitian(a)),
			epsilonOf("float64"),
		);
		const list = realList(everySecond(values));
		if (!isWhole) return [list];
		const basis = distinct(vectors, size, values.length);
		return [list, whole(ofColumns(basis, size))];
	})(node, inputs);
	return isWhole ? results : withoutVectors(results, 1);
};

/** The matrix that the lower triangle stands for. */
function hermitian(a: Matrix): Matrix {
	const size = square(a);
	const full = complexMatrix(size, size);
	for (let row = 0; row < size; row++)
		for (let column = 0; column <= row; column++) {
			const [lower, upper] = [
				2 * (row * size + column),
				2 * (column * size + row),
			];
			const im = row === column ? 0 : a.data[lower + 1];
			full.data.set([a.data[lower], im], lower);
			full.data.set([a.data[lower], -im], upper);
		}
	return full;
}

/** Singular values fall; U and V as columns. */
const svd: HostKernel = (node, inputs) => {
	const isWhole = boolAttr(node, "compute_uv");
	const isFull = boolAttr(node, "full_matrices");
	const results = complexMatrixKernel(([a]) => {
		const { rows, columns } = a;
		const smaller = Math.min(rows, columns);
		const { values, v } = decomposed(widened(a), false, epsilonOf("float64"));
		const kept = everySecond(values);
		const list = realList(kept);
		if (!isWhole) return [list];
		const right = distinct(v, smaller, values.length);
		const left: ComplexVector[] = [];
		for (const [k, vector] of right.entries()) {
			if (kept[k] <= kept[0] * LOST) break;
			left.push(
				divided(product(a, ofColumns([vector], columns)).data, kept[k]),
			);
		}
		const width = (size: number) => (isFull ? size : smaller);
		return [
			list,
			whole(ofColumns(completed(left, rows, width(rows)), rows)),
			whole(ofColumns(completed(right, columns, width(columns)), columns)),
		];
	})(node, inputs);
	return isWhole ? results : withoutVectors(results, 2);
};

/** Beside the largest singular value one that is nothing but rounding. */
const LOST = 1e-14;

function everySecond(values: Float64Array): number[] {
	return Array.from(
		{ length: Math.floor(values.length / 2) },
		(_, k) => values[2 * k],
	);
}

function realList(values: readonly number[]) {
	return {
		shape: [values.length],
		data: values.flatMap((value) => [value, 0]),
	};
}

/** Of columns that come in pairs v, i v those that are none of the earlier ones turned. */
function distinct(
	wide: Matrix,
	count: number,
	candidates: number,
): readonly ComplexVector[] {
	const found: ComplexVector[] = [];
	for (let j = 0; j < candidates && found.length < count; j++) {
		const vector = beside(found, halvesOf(wide, j));
		if (vector !== undefined) found.push(vector);
	}
	return found;
}

export const complexHermitian: Readonly<Record<string, HostKernel>> = {
	SelfAdjointEigV2: selfAdjointEig,
	Svd: svd,
};
