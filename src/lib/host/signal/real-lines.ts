import { elementCount } from "../../tensor/tensor.js";
import { fourierTransform } from "./fourier.js";
import { emptyGrid, type Grid } from "./grid.js";

/**
 * Transforms real lines along the last axis into the first half of their spectra, length / 2 + 1. Two lines go as the real
 * and imaginary part of one, and are told apart by their symmetry.
 */
export function spectraOfLines({ shape, real }: Grid): Grid {
	const size = shape[shape.length - 1];
	const half = Math.floor(size / 2) + 1;
	const result = emptyGrid(shape.with(-1, half));
	const transform = fourierTransform(size);
	const lines = elementCount(shape.slice(0, -1));
	const [a, b] = [new Float64Array(size), new Float64Array(size)];
	for (let line = 0; line < lines; line += 2) {
		const hasSecond = line + 1 < lines;
		a.set(real.subarray(line * size, (line + 1) * size));
		if (hasSecond) b.set(real.subarray((line + 1) * size, (line + 2) * size));
		else b.fill(0);
		transform(a, b);
		for (let k = 0; k < half; k++) {
			const mirror = k === 0 ? 0 : size - k;
			const at = line * half + k;
			result.real[at] = (a[k] + a[mirror]) / 2;
			result.imaginary[at] = (b[k] - b[mirror]) / 2;
			if (!hasSecond) continue;
			result.real[at + half] = (b[k] + b[mirror]) / 2;
			result.imaginary[at + half] = (a[mirror] - a[k]) / 2;
		}
	}
	return result;
}

/** The real lines of a length that have these halves of spectra, which count as symmetric; again two at a time. */
export function linesOfSpectra(spectra: Grid, size: number): Grid {
	const { shape, real, imaginary } = spectra;
	const half = shape[shape.length - 1];
	const result = emptyGrid(shape.with(-1, size));
	const transform = fourierTransform(size);
	const lines = elementCount(shape.slice(0, -1));
	const [a, b] = [new Float64Array(size), new Float64Array(size)];
	for (let line = 0; line < lines; line += 2) {
		const hasSecond = line + 1 < lines;
		for (let k = 0; k < half; k++) {
			const at = line * half + k;
			const mirror = k === 0 ? 0 : size - k;
			// what a real line's spectrum cannot have is left out
			const isOwnMirror = mirror === k;
			const [x, y] = [real[at], isOwnMirror ? 0 : imaginary[at]];
			const u = hasSecond ? real[at + half] : 0;
			const v = hasSecond && !isOwnMirror ? imaginary[at + half] : 0;
			a[k] = x - v;
			b[k] = y + u;
			a[mirror] = x + v;
			b[mirror] = u - y;
		}
		transform(b, a);
		for (let k = 0; k < size; k++) {
			result.real[line * size + k] = a[k] / size;
			if (hasSecond) result.real[(line + 1) * size + k] = b[k] / size;
		}
	}
	return result;
}
