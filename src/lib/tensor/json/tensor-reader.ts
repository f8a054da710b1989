import { fail } from "../../errors.js";
import { checkBounds } from "../bounds.js";
import { DTYPES } from "../dtype.js";
import { type Shape, type Tensor, tensor } from "../tensor.js";
import { type Column, openColumn } from "./column.js";
import { type Lists, openLists, readLists } from "./lists.js";
import { BATCH } from "./number-column.js";
import type { RequestInput } from "./request.js";
import type { Source } from "./source.js";

/** One tensor that is being read from a body, in one piece or row by row. */
export interface TensorReader {
	readonly input: RequestInput;
	readonly column: Column;
	readonly lists: Lists;
	readonly source: Pick<Source, "compat" | "bounds">;
}

/** `bytes` is about how long the text of the tensor is, which bounds how much memory is reserved for it. */
export function openReader(
	input: RequestInput,
	bytes: number,
	source: Pick<Source, "compat" | "bounds">,
): TensorReader {
	const expected = Math.min(
		expectedElements(input, bytes),
		source.bounds.elements,
	);
	return {
		input,
		column: openColumn(input.dtype, expected, source.compat),
		lists: openLists(),
		source,
	};
}

/** Reads a value whose lists must be as long as those of the values read before; returns the offset behind it. */
export function readInto(
	{ column, lists }: Pick<TensorReader, "column" | "lists">,
	source: Source,
	at: number,
): number {
	return readLists(source, at, column, lists);
}

/** The tensor of all that was read; with `rows`, as many values, stacked. */
export function finishTensor(
	{ input, column, lists, source: { compat, bounds } }: TensorReader,
	rows?: number,
): Tensor {
	const sizes = rows === undefined ? lists.sizes : [rows, ...lists.sizes];
	const data = column.finish();
	const shape =
		compat === "strict" ? sizes : elementShape(input, sizes, data.length);
	checkBounds(shape, data.length / DTYPES[input.dtype].lanes, bounds);
	return tensor(input.dtype, shape, data);
}

/** A complex element is a list `[re, im]`, so the innermost lists are no dimension. */
function elementShape(
	{ dtype, shape }: RequestInput,
	sizes: readonly number[],
	length: number,
): readonly number[] {
	if (length === 0) return emptyShape(sizes, shape);
	if (DTYPES[dtype].lanes === 1) return sizes;
	if (sizes.at(-1) !== 2)
		throw fail(
			"INVALID",
			`Expecting ${DTYPES[dtype].serving} numbers as lists [re, im] but got: ${sizes.length === 0 ? "a number" : `lists of size ${sizes.at(-1)}`}`,
		);
	return sizes.slice(0, -1);
}

/** `[]` cannot tell the sizes of lists that are not there: they are those that the signature declares. */
function emptyShape(
	sizes: readonly number[],
	declared: Shape,
): readonly number[] {
	if (declared === undefined || declared.length <= sizes.length) return sizes;
	const fits = sizes.every(
		(size, i) => declared[i] < 0 || declared[i] === size,
	);
	return fits
		? [
				...sizes,
				...declared.slice(sizes.length).map((size) => Math.max(size, 0)),
			]
		: sizes;
}

/** An element and what separates it from the next take two bytes at least; unknown dimensions count as one. */
function expectedElements({ shape }: RequestInput, bytes: number): number {
	const declared = (shape ?? []).reduce(
		(count, size) => count * Math.max(size, 1),
		1,
	);
	return Math.min(Math.max(declared, BATCH), Math.ceil(bytes / 2) + 1);
}
