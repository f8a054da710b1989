import { DTYPES, type DType } from "../../../tensor/dtype.js";
import type { HostKernel } from "../../kernel.js";
import {
	batchKernel,
	type Matrix,
	type MatrixRule,
	matrix,
} from "../../linalg/matrices.js";

/** A kernel that works matrix by matrix on complex numbers, whose parts stand beside one another in `data`. */
export function complexMatrixKernel(
	compute: MatrixRule,
	dtypes?: (dtype: DType) => readonly DType[],
): HostKernel {
	return batchKernel(compute, complexIdentity, dtypes);
}

/** A rule for complex matrices; real ones are made complex. */
export function onComplex(
	rule: MatrixRule,
	dtypes?: () => readonly DType[],
): HostKernel {
	return (node, inputs) => {
		const isReal = DTYPES[inputs[0].dtype].kind !== "complex";
		return batchKernel(
			(matrices, it) => rule(isReal ? matrices.map(made) : matrices, it),
			isReal ? zeros : complexIdentity,
			dtypes,
		)(node, inputs);
	};
}

function zeros(rows: number, columns: number): Matrix {
	return { rows, columns, data: new Float64Array(rows * columns) };
}

function made({ rows, columns, data }: Matrix): Matrix {
	const result = complexMatrix(rows, columns);
	for (const [i, value] of data.entries()) result.data[2 * i] = value;
	return result;
}

export function complexMatrix(
	rows: number,
	columns: number,
	data = new Float64Array(2 * rows * columns),
): Matrix {
	return matrix(rows, columns, data);
}

export function complexIdentity(rows: number, columns = rows): Matrix {
	const one = complexMatrix(rows, columns);
	for (let i = 0; i < Math.min(rows, columns); i++)
		one.data[2 * (i * columns + i)] = 1;
	return one;
}

/** The conjugate transpose. */
export function adjoint({ rows, columns, data }: Matrix): Matrix {
	const turned = complexMatrix(columns, rows);
	for (let i = 0; i < rows; i++)
		for (let j = 0; j < columns; j++) {
			const [from, to] = [2 * (i * columns + j), 2 * (j * rows + i)];
			turned.data[to] = data[from];
			turned.data[to + 1] = -data[from + 1];
		}
	return turned;
}

/**
 * The real matrix [[re, -im], [im, re]]: products, inverses and adjoints of such matrices are those of the complex ones,
 * so what real matrices can do they do for complex ones too.
 */
export function widened({ rows, columns, data }: Matrix): Matrix {
	const wide = matrix(2 * rows, 2 * columns);
	const width = 2 * columns;
	for (let i = 0; i < rows; i++)
		for (let j = 0; j < columns; j++) {
			const [re, im] = [
				data[2 * (i * columns + j)],
				data[2 * (i * columns + j) + 1],
			];
			wide.data[i * width + j] = re;
			wide.data[i * width + columns + j] = -im;
			wide.data[(rows + i) * width + j] = im;
			wide.data[(rows + i) * width + columns + j] = re;
		}
	return wide;
}

/** The opposite of `widened`. */
export function narrowed(wide: Matrix): Matrix {
	const [rows, columns] = [wide.rows / 2, wide.columns / 2];
	const narrow = complexMatrix(rows, columns);
	for (let i = 0; i < rows; i++)
		for (let j = 0; j < columns; j++) {
			const to = 2 * (i * columns + j);
			narrow.data[to] = wide.data[i * wide.columns + j];
			narrow.data[to + 1] = wide.data[(rows + i) * wide.columns + j];
		}
	return narrow;
}

export function product(a: Matrix, b: Matrix): Matrix {
	const result = complexMatrix(a.rows, b.columns);
	for (let i = 0; i < a.rows; i++)
		for (let k = 0; k < a.columns; k++) {
			const from = 2 * (i * a.columns + k);
			const [re, im] = [a.data[from], a.data[from + 1]];
			for (let j = 0; j < b.columns; j++) {
				const [at, to] = [2 * (k * b.columns + j), 2 * (i * b.columns + j)];
				result.data[to] += re * b.data[at] - im * b.data[at + 1];
				result.data[to + 1] += re * b.data[at + 1] + im * b.data[at];
			}
		}
	return result;
}
