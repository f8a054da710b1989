import type { DType, NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { fourierTransform } from "./fourier.js";

/** Complex numbers of a shape, parts apart and in double precision. */
export interface Grid {
	readonly shape: readonly number[];
	readonly real: Float64Array;
	readonly imaginary: Float64Array;
}

export function emptyGrid(shape: readonly number[]): Grid {
	const count = elementCount(shape);
	return {
		shape,
		real: new Float64Array(count),
		imaginary: new Float64Array(count),
	};
}

/** A tensor's numbers, real or complex. */
export function gridOf({ dtype, shape, data }: Tensor): Grid {
	const grid = emptyGrid(shape);
	const values = data as NumericArray;
	if (!dtype.startsWith("complex")) {
		grid.real.set(values);
		return grid;
	}
	for (let i = 0; i < grid.real.length; i++) {
		grid.real[i] = values[2 * i];
		grid.imaginary[i] = values[2 * i + 1];
	}
	return grid;
}

/** As a complex tensor, or a real one of the real parts. */
export function tensorOfGrid(
	{ shape, real, imaginary }: Grid,
	dtype: DType,
): Tensor {
	const data = allocate(dtype, real.length) as NumericArray;
	if (!dtype.startsWith("complex")) {
		data.set(real);
		return { dtype, shape, data };
	}
	for (let i = 0; i < real.length; i++) {
		data[2 * i] = real[i];
		data[2 * i + 1] = imaginary[i];
	}
	return { dtype, shape, data };
}

/** Transforms all lines along an axis; backwards they are divided by their length. */
export function transformAxis(
	{ shape, real, imaginary }: Grid,
	axis: number,
	isInverse: boolean,
): Grid {
	const size = shape[axis];
	const inner = elementCount(shape.slice(axis + 1));
	const transform = fourierTransform(size);
	const scale = isInverse ? 1 / size : 1;
	const result = emptyGrid(shape);
	const [a, b] = [new Float64Array(size), new Float64Array(size)];
	const lines = size === 0 ? 0 : real.length / size;
	for (let line = 0; line < lines; line++) {
		const start = Math.floor(line / inner) * size * inner + (line % inner);
		for (let k = 0; k < size; k++) {
			a[k] = real[start + k * inner];
			b[k] = imaginary[start + k * inner];
		}
		if (isInverse) transform(b, a);
		else transform(a, b);
		for (let k = 0; k < size; k++) {
			result.real[start + k * inner] = a[k] * scale;
			result.imaginary[start + k * inner] = b[k] * scale;
		}
	}
	return result;
}

/** Lines along an axis with another length: cut off, or followed by zeros. */
export function resizeAxis(grid: Grid, axis: number, size: number): Grid {
	const { shape, real, imaginary } = grid;
	if (shape[axis] === size) return grid;
	const result = emptyGrid(shape.with(axis, size));
	const inner = elementCount(shape.slice(axis + 1));
	const outer = elementCount(shape.slice(0, axis));
	const length = Math.min(shape[axis], size) * inner;
	for (let block = 0; block < outer; block++) {
		const from = block * shape[axis] * inner;
		const to = block * size * inner;
		result.real.set(real.subarray(from, from + length), to);
		result.imaginary.set(imaginary.subarray(from, from + length), to);
	}
	return result;
}
