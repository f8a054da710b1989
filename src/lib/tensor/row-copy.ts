import { DTYPES, type NumericArray } from "./dtype.js";
import { allocate, elementCount, type Tensor } from "./tensor.js";

/** What stands where no row goes: one element for all, or a row's elements; zeros and empty strings by default. */
export type Filler = Pick<Tensor, "data"> | undefined;

/**
 * A tensor of `rows` rows of which row `places[i]` is row `i` of `values`, and the others are the filler's. Rows are the
 * parts of the first axis; one whose place is negative is left out, of two with one place the later counts.
 */
export function placeRows(
	{ dtype, shape, data }: Tensor,
	places: ArrayLike<number>,
	rows: number,
	filler?: Filler,
): Tensor {
	const rest = shape.slice(1);
	const width = elementCount(rest) * DTYPES[dtype].lanes;
	const placed = filled({ dtype, shape: [rows, ...rest] }, filler, width);
	const [from, to] = [data as NumericArray, placed.data as NumericArray];
	if (width === 1) {
		for (let i = 0; i < places.length; i++)
			if (places[i] >= 0) to[places[i]] = from[i];
	} else
		for (let i = 0; i < places.length; i++) {
			const start = places[i] * width;
			if (start >= 0)
				for (let k = 0; k < width; k++) to[start + k] = from[i * width + k];
		}
	return placed;
}

/** The rows of `values` that `rows` names, in that order; a negative one stands for the filler. */
export function takeRows(
	{ dtype, shape, data }: Tensor,
	rows: ArrayLike<number>,
	filler?: Filler,
): Tensor {
	const rest = shape.slice(1);
	const width = elementCount(rest) * DTYPES[dtype].lanes;
	const taken = filled({ dtype, shape: [rows.length, ...rest] }, filler, width);
	const [from, to] = [data as NumericArray, taken.data as NumericArray];
	if (width === 1) {
		for (let i = 0; i < rows.length; i++)
			if (rows[i] >= 0) to[i] = from[rows[i]];
	} else
		for (let i = 0; i < rows.length; i++) {
			const start = rows[i] * width;
			if (start >= 0)
				for (let k = 0; k < width; k++) to[i * width + k] = from[start + k];
		}
	return taken;
}

/** A tensor that has nothing but the filler, over and over. */
function filled(
	{ dtype, shape }: Pick<Tensor, "dtype" | "shape">,
	filler: Filler,
	width: number,
): Tensor {
	const data = allocate(dtype, elementCount(shape)) as NumericArray;
	if (filler === undefined) return { dtype, shape, data };
	const row = filler.data as NumericArray;
	if (row.length === 1) data.fill(row[0]);
	else
		for (let at = 0; at < data.length; at += width)
			for (let k = 0; k < width; k++) data[at + k] = row[k % row.length];
	return { dtype, shape, data };
}
