import { fail } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Where rows of `count` values start, and where the last ends. Fails with INVALID if they are no such rows. */
export function rowEnds(splits: Tensor, count: number): readonly number[] {
	const ends = Array.from(splits.data as ArrayLike<number | bigint>, Number);
	const isRising = ends.every((end, i) => i === 0 || end >= ends[i - 1]);
	const isWhole = ends.length === 0 || (ends[0] === 0 && ends.at(-1) === count);
	if (isRising && isWhole) return ends;
	throw fail(
		"INVALID",
		`cannot cut ${count} values into rows at ${ends.slice(0, 10)}: wanted places that rise from 0 to ${count}`,
	);
}
