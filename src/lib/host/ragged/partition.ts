import { fail } from "../../errors.js";
import { integersOf } from "../../tensor/integers.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Where the rows of a ragged axis start and end among their values: row `i` has the values from `splits[i]` up to
 * `splits[i + 1]`. Fails with INVALID unless the splits start at 0, never fall, and end at `count` where that is given.
 */
export function splitsOf(tensor: Tensor, count?: number): ArrayLike<number> {
	const splits = integersOf(tensor);
	if (tensor.shape.length !== 1 || splits.length === 0)
		throw fail(
			"INVALID",
			`cannot read row splits of shape [${tensor.shape}]: wanted a vector of at least one`,
		);
	if (splits[0] !== 0)
		throw fail(
			"INVALID",
			`cannot read row splits: the first is ${splits[0]}, wanted 0`,
		);
	for (let i = 1; i < splits.length; i++)
		if (splits[i] < splits[i - 1])
			throw fail(
				"INVALID",
				`cannot read row splits: split ${i} is ${splits[i]}, below the one before, ${splits[i - 1]}`,
			);
	const last = splits[splits.length - 1];
	if (count !== undefined && last !== count)
		throw fail(
			"INVALID",
			`cannot read row splits: the last is ${last}, and there are ${count} values`,
		);
	return splits;
}

/** Nested splits, the outermost first: each axis is split as often as the axis inside it has rows. */
export function nestedSplits(
	tensors: readonly Tensor[],
	count: number,
): ArrayLike<number>[] {
	return tensors.map((tensor, axis) =>
		splitsOf(
			tensor,
			axis + 1 < tensors.length ? tensors[axis + 1].shape[0] - 1 : count,
		),
	);
}

/** For each value the row that it belongs to. */
export function rowsOfSplits(splits: ArrayLike<number>): Int32Array {
	const rows = new Int32Array(splits[splits.length - 1]);
	for (let row = 1; row < splits.length; row++)
		rows.fill(row - 1, splits[row - 1], splits[row]);
	return rows;
}

/** The length of the longest row. */
export function widest(splits: ArrayLike<number>): number {
	let width = 0;
	for (let row = 1; row < splits.length; row++)
		width = Math.max(width, splits[row] - splits[row - 1]);
	return width;
}
