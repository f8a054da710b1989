import { broken } from "./frame.js";
import type { Plane } from "./plane.js";

/** Writes row `y` of the picture, one sample a pixel, to `row`. */
export type RowReader = (y: number, row: Uint8ClampedArray) => void;

/** How many pixels share a sample in either direction. */
export interface Sharing {
	readonly across: number;
	readonly down: number;
}

/**
 * How the rows of a plane are stretched to those of the picture. `isFancy` weighs neighbours 3 to 1 where two pixels share a
 * sample (libjpeg, jdsample.c), else samples are repeated.
 */
export function rowReader(
	plane: Plane,
	{ across, down }: Sharing,
	isFancy: boolean,
): RowReader {
	if (!Number.isInteger(across) || !Number.isInteger(down))
		throw broken(`${across}×${down} pixels share a sample`);
	if (isFancy && plane.width > 2 && across === 2) {
		if (down === 1) return (y, row) => wideRow(plane, y, row);
		if (down === 2) return (y, row) => mixedRow(plane, y, row);
	}
	if (isFancy && across === 1 && down === 2)
		return (y, row) => tallRow(plane, y, row);
	return (y, row) => repeatedRow(plane, Math.floor(y / down), across, row);
}

function repeatedRow(
	{ data, stride }: Plane,
	y: number,
	across: number,
	row: Uint8ClampedArray,
): void {
	const at = y * stride;
	if (across === 1)
		row.set(data.subarray(at, at + Math.min(stride, row.length)));
	else
		for (let from = at, x = 0; x < row.length; from++)
			for (let i = 0; i < across && x < row.length; i++) row[x++] = data[from];
}

function wideRow(
	{ data, stride, width }: Plane,
	y: number,
	row: Uint8ClampedArray,
): void {
	const at = y * stride;
	for (let x = 0; x < width; x++) {
		const sample = data[at + x];
		row[2 * x] = x === 0 ? sample : (3 * sample + data[at + x - 1] + 1) >> 2;
		row[2 * x + 1] =
			x === width - 1 ? sample : (3 * sample + data[at + x + 1] + 2) >> 2;
	}
}

function tallRow(plane: Plane, y: number, row: Uint8ClampedArray): void {
	const { data, stride, width } = plane;
	const [near, far] = nearRows(plane, y);
	const bias = y % 2 === 0 ? 1 : 2;
	for (let x = 0; x < Math.min(width, stride); x++)
		row[x] = (3 * data[near + x] + data[far + x] + bias) >> 2;
}

function mixedRow(plane: Plane, y: number, row: Uint8ClampedArray): void {
	const { data, width } = plane;
	const [near, far] = nearRows(plane, y);
	let before = 0;
	let here = 3 * data[near] + data[far];
	for (let x = 0; x < width; x++) {
		const after =
			x === width - 1 ? 0 : 3 * data[near + x + 1] + data[far + x + 1];
		row[2 * x] = x === 0 ? (4 * here + 8) >> 4 : (3 * here + before + 8) >> 4;
		row[2 * x + 1] =
			x === width - 1 ? (4 * here + 7) >> 4 : (3 * here + after + 7) >> 4;
		before = here;
		here = after;
	}
}

/** Where the row that pixels of row `y` lie in begins, and the one next to it; at an edge both are one. */
function nearRows(
	{ stride, height }: Plane,
	y: number,
): readonly [number, number] {
	const near = y >> 1;
	const far = Math.min(Math.max(near + (y % 2 === 0 ? -1 : 1), 0), height - 1);
	return [near * stride, far * stride];
}
