import { expect, test } from "vitest";
import {
	assemble,
	intersection,
	isSameRegion,
	regionShape,
	wholeRegion,
} from "../../../src/lib/savedmodel/region.js";

test("intersection() is what two boxes share", () => {
	const box = [
		{ start: 1, length: 3 },
		{ start: 0, length: 2 },
	];
	expect(
		intersection(box, [
			{ start: 2, length: 9 },
			{ start: 1, length: 9 },
		]),
	).toEqual([
		{ start: 2, length: 2 },
		{ start: 1, length: 1 },
	]);
	expect(
		intersection(box, [
			{ start: 4, length: 1 },
			{ start: 0, length: 2 },
		]),
	).toBeUndefined();
	expect(intersection([], [])).toEqual([]);
});

test("wholeRegion() and regionShape() undo each other", () => {
	expect(regionShape(wholeRegion([2, 0, 3]))).toEqual([2, 0, 3]);
	expect(isSameRegion(wholeRegion([2]), [{ start: 0, length: 2 }])).toBe(true);
	expect(isSameRegion(wholeRegion([2]), [{ start: 1, length: 2 }])).toBe(false);
});

test("assemble() keeps both lanes of complex numbers together", () => {
	const halves = [0, 1].map((i) => ({
		region: [
			{ start: 0, length: 2 },
			{ start: i, length: 1 },
		],
		tensor: {
			dtype: "complex64" as const,
			shape: [2, 1],
			data: Float32Array.of(i + 1, -(i + 1), i + 3, -(i + 3)),
		},
	}));
	expect(assemble("complex64", wholeRegion([2, 2]), halves)).toEqual({
		dtype: "complex64",
		shape: [2, 2],
		data: Float32Array.of(1, -1, 2, -2, 3, -3, 4, -4),
	});
});
