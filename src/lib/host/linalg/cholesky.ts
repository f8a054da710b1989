import {
	type Matrix,
	matrix,
	matrixKernel,
	square,
	whole,
} from "./matrices.js";

/**
 * `Cholesky`: the lower triangle L of A = L Lᵀ; the upper one of A does not count. As in TensorFlow, L is NaN where A is
 * not positive definite.
 */
export const cholesky = matrixKernel(([a]) => [
	whole(choleskyRoot(a) ?? lowerTriangle(a.rows, Number.NaN)),
]);

/** `undefined` for a matrix that is not positive definite. */
export function choleskyRoot(a: Matrix): Matrix | undefined {
	const size = square(a);
	const root = matrix(size, size);
	const { data } = root;
	for (let row = 0; row < size; row++)
		for (let column = 0; column <= row; column++) {
			let sum = a.data[row * size + column];
			for (let k = 0; k < column; k++)
				sum -= data[row * size + k] * data[column * size + k];
			if (column < row)
				data[row * size + column] = sum / data[column * size + column];
			else if (sum > 0) data[row * size + row] = Math.sqrt(sum);
			else return undefined;
		}
	return root;
}

function lowerTriangle(size: number, value: number): Matrix {
	const triangle = matrix(size, size);
	for (let row = 0; row < size; row++)
		triangle.data.fill(value, row * size, row * size + row + 1);
	return triangle;
}
