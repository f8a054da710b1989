import type { Tensor } from "../../../tensor/tensor.js";

/**
 * The boundaries of as many bins, each with as many of the values that a summary [2, n] counts: its first row are values, its
 * second row how many of each (keras 2 layers/preprocessing/discretization.py, get_bin_boundaries).
 */
export function quantiles({ data, shape }: Tensor, bins: number): number[] {
	const width = shape[1];
	const rows = Array.from(data as Float32Array);
	const [values, counts] = [rows.slice(0, width), rows.slice(width)];
	if (width / bins < 1) return values.slice(0, -1);
	let sum = 0;
	const sums = counts.map((count) => {
		sum += count;
		return sum;
	});
	const shares = sums.map((part) => part / sum);
	return Array.from({ length: bins - 1 }, (_, i) =>
		interpolated((i + 1) / bins, shares, values),
	);
}

/** Between the points that are known, as numpy.interp does it. */
function interpolated(
	x: number,
	xs: readonly number[],
	ys: readonly number[],
): number {
	const next = xs.findIndex((known) => known > x);
	if (next === 0) return ys[0];
	if (next < 0) return ys[ys.length - 1];
	const from = next - 1;
	const share = (x - xs[from]) / (xs[next] - xs[from]);
	return ys[from] + share * (ys[next] - ys[from]);
}
