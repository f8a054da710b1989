import { expect, test } from "vitest";
import {
	commonShape,
	isSameShape,
} from "../../../../src/lib/passes/bodies/ports.js";
import type { Shape } from "../../../../src/lib/tensor/tensor.js";

test.each<[Shape, Shape, Shape]>([
	[
		[2, 3],
		[2, 3],
		[2, 3],
	],
	[
		[2, 3],
		[4, 3],
		[-1, 3],
	],
	[
		[2, -1],
		[2, 5],
		[2, -1],
	],
	[[2], [2, 1], undefined],
	[[2], undefined, undefined],
	[[], [], []],
])("of %j and %j is known %j", (a, b, common) => {
	expect(commonShape(a, b)).toEqual(common);
	expect(commonShape(b, a)).toEqual(common);
	expect(isSameShape(commonShape(a, b), common)).toBe(true);
});

test.each<[Shape, Shape]>([
	[[2], [3]],
	[[2], [-1]],
	[[1], [1, 1]],
	[[], undefined],
])("%j and %j are two shapes", (a, b) => {
	expect(isSameShape(a, b)).toBe(false);
	expect(isSameShape(b, a)).toBe(false);
});
