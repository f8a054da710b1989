import { fail } from "../errors.js";
import { MAX_RANK, showShape } from "./tensor.js";

/** How large a tensor of a request may be, whatever bytes it takes. */
export interface TensorBounds {
	readonly rank: number;
	readonly elements: number;
}

export const ANY_TENSOR: TensorBounds = {
	rank: MAX_RANK,
	elements: Number.POSITIVE_INFINITY,
};

/** Looks at a shape of so many elements, before memory is reserved for them; fails with INVALID. */
export function checkBounds(
	shape: readonly number[],
	count: number,
	{ rank, elements }: TensorBounds,
): void {
	if (shape.length > rank)
		throw fail(
			"INVALID",
			`cannot take shape ${showShape(shape)}: it has ${shape.length} dimensions, at most ${rank} are taken (--max-rank)`,
		);
	if (count > elements)
		throw fail(
			"INVALID",
			`cannot take shape ${showShape(shape)}: it has ${count} elements, at most ${elements} are taken (--max-elements)`,
		);
}

/** What is said where the elements are counted before there is a shape. */
export function checkCount(count: number, { elements }: TensorBounds): void {
	if (count > elements)
		throw fail(
			"INVALID",
			`cannot take the tensor: it has more than ${elements} elements (--max-elements)`,
		);
}
