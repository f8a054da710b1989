import { expect, test } from "vitest";
import { eachRow } from "../../../src/lib/host/broadcast.js";

/** For each result, where the elements of the operands are found. */
function places(
	shape: readonly number[],
	...operands: readonly (readonly number[])[]
) {
	const found: number[][] = [];
	eachRow(shape, operands, (at, length, starts, steps) => {
		for (let k = 0; k < length; k++)
			found[at + k] = starts.map((start, i) => start + k * steps[i]);
	});
	return found;
}

test("eachRow() stretches axes of size 1, and those that are not there", () => {
	expect(places([2, 3], [2, 1], [3])).toEqual([
		[0, 0],
		[0, 1],
		[0, 2],
		[1, 0],
		[1, 1],
		[1, 2],
	]);
	expect(places([2, 2, 1], [1, 2, 1], [2, 1, 1])).toEqual([
		[0, 0],
		[1, 0],
		[0, 1],
		[1, 1],
	]);
});

test("eachRow() visits a scalar once and nothing not at all", () => {
	expect(places([], [])).toEqual([[0]]);
	expect(places([2, 0], [2, 0])).toEqual([]);
	expect(places([0, 2], [1])).toEqual([]);
});
