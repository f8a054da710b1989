import { fail } from "../../../errors.js";
import { dtypeAttr } from "../../../graph/attrs.js";
import type { HostKernel } from "../../kernel.js";
import { type Matrix, square, whole } from "../../linalg/matrices.js";
import { complexMatrix, complexMatrixKernel } from "./matrices.js";

/** L below the diagonal, U from there on, rows exchanged: Gauss' elimination by the pivot of the largest magnitude. */
interface Triangles {
	readonly size: number;
	readonly data: Float64Array;
	readonly order: Int32Array;
	readonly parity: number;
}

function triangles(source: Matrix): Triangles {
	const size = square(source);
	const data = source.data.slice();
	const order = Int32Array.from({ length: size }, (_, row) => row);
	const magnitude = (row: number, column: number) =>
		Math.hypot(
			data[2 * (row * size + column)],
			data[2 * (row * size + column) + 1],
		);
	let parity = 1;
	for (let k = 0; k < size; k++) {
		let pivot = k;
		for (let row = k + 1; row < size; row++)
			if (magnitude(row, k) > magnitude(pivot, k)) pivot = row;
		if (pivot !== k) {
			exchangeRows(data, size, k, pivot);
			[order[k], order[pivot]] = [order[pivot], order[k]];
			parity = -parity;
		}
		if (magnitude(k, k) > 0) eliminate(data, size, k);
	}
	return { size, data, order, parity };
}

function exchangeRows(
	data: Float64Array,
	size: number,
	a: number,
	b: number,
): void {
	const row = data.slice(2 * a * size, 2 * (a + 1) * size);
	data.copyWithin(2 * a * size, 2 * b * size, 2 * (b + 1) * size);
	data.set(row, 2 * b * size);
}

/** Takes multiples of row k from those below it. */
function eliminate(data: Float64Array, size: number, k: number): void {
	const at = 2 * (k * size + k);
	const [re, im] = [data[at], data[at + 1]];
	const square = re * re + im * im;
	for (let row = k + 1; row < size; row++) {
		const from = 2 * (row * size + k);
		const [x, y] = [data[from], data[from + 1]];
		const [p, q] = [(x * re + y * im) / square, (y * re - x * im) / square];
		data[from] = p;
		data[from + 1] = q;
		for (let j = k + 1; j < size; j++) {
			const [to, of] = [2 * (row * size + j), 2 * (k * size + j)];
			data[to] -= p * data[of] - q * data[of + 1];
			data[to + 1] -= p * data[of + 1] + q * data[of];
		}
	}
}

function diagonal({ size, data }: Triangles): [re: number, im: number][] {
	return Array.from({ length: size }, (_, k) => [
		data[2 * (k * size + k)],
		data[2 * (k * size + k) + 1],
	]);
}

/** Lower triangle L of L L*; only the lower triangle of the matrix counts. */
function root(a: Matrix): Matrix {
	const size = square(a);
	const l = complexMatrix(size, size);
	for (let row = 0; row < size; row++)
		for (let column = 0; column <= row; column++) {
			const to = 2 * (row * size + column);
			let [re, im] = [a.data[to], a.data[to + 1]];
			for (let k = 0; k < column; k++) {
				const [p, q] = [2 * (row * size + k), 2 * (column * size + k)];
				re -= l.data[p] * l.data[q] + l.data[p + 1] * l.data[q + 1];
				im -= l.data[p + 1] * l.data[q] - l.data[p] * l.data[q + 1];
			}
			if (row === column && !(re > 0))
				throw fail(
					"INVALID",
					"cannot take the Cholesky root of a matrix: it is not positive definite",
				);
			const scale =
				row === column ? Math.sqrt(re) : l.data[2 * (column * size + column)];
			l.data[to] = re / scale;
			l.data[to + 1] = row === column ? 0 : im / scale;
		}
	return l;
}

export const complexTriangles: Readonly<Record<string, HostKernel>> = {
	Cholesky: complexMatrixKernel(([a]) => [whole(root(a))]),
	MatrixDeterminant: complexMatrixKernel(([a]) => {
		const parts = triangles(a);
		const data = diagonal(parts).reduce(
			([x, y], [re, im]) => [x * re - y * im, x * im + y * re],
			[parts.parity, 0],
		);
		return [{ shape: [], data }];
	}),
	LogMatrixDeterminant: complexMatrixKernel(([a]) => {
		const parts = triangles(a);
		let [x, y, sum] = [parts.parity, 0, 0];
		for (const [re, im] of diagonal(parts)) {
			const size = Math.hypot(re, im);
			[x, y] = [(x * re - y * im) / size, (x * im + y * re) / size];
			sum += Math.log(size);
		}
		return [
			{ shape: [], data: [x, y] },
			{ shape: [], data: [sum, 0] },
		];
	}),
	Lu: (node, inputs) =>
		complexMatrixKernel(
			([a]) => {
				const parts = triangles(a);
				if (diagonal(parts).some(([re, im]) => re === 0 && im === 0))
					throw fail("INVALID", "cannot invert a matrix: it is singular");
				return [
					{ shape: [parts.size, parts.size], data: parts.data },
					{ shape: [parts.size], data: parts.order },
				];
			},
			(dtype) => [dtype, dtypeAttr(node, "output_idx_type")],
		)(node, inputs),
};
