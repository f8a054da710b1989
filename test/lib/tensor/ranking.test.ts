import { expect, test } from "vitest";
import {
	isDistribution,
	isScores,
	rankRows,
} from "../../../src/lib/tensor/ranking.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";

const floats = (shape: number[], ...values: number[]) =>
	tensor("float32", shape, Float32Array.from(values));

test("rankRows() gives the best classes of each row, of equal ones the first", () => {
	expect(rankRows(floats([2, 3], 0.25, 0.5, 0.25, 3, -1, 5), 2)).toEqual([
		[
			{ index: 1, score: 0.5 },
			{ index: 0, score: 0.25 },
		],
		[
			{ index: 2, score: 5 },
			{ index: 0, score: 3 },
		],
	]);
	// 1.0 and 0.5 by their bits
	const halves = tensor("float16", [1, 2], Uint16Array.of(0x3800, 0x3c00));
	expect(rankRows(halves, 9)).toEqual([
		[
			{ index: 1, score: 1 },
			{ index: 0, score: 0.5 },
		],
	]);
});

test("isDistribution() wants shares of one in every row", () => {
	expect(isDistribution(floats([2, 2], 0.5, 0.5, 0.999, 0))).toBe(true);
	expect(isDistribution(floats([1, 2], 1.5, -0.5))).toBe(false);
	expect(isDistribution(floats([2, 2], 0.5, 0.5, 0.9, 0.9))).toBe(false);
	expect(isDistribution(floats([1, 2], NaN, 1))).toBe(false);
	expect(isDistribution(floats([0, 2]))).toBe(false);
});

test("isScores() wants several numbers a row", () => {
	expect(isScores(floats([1, 2], 1, 2))).toBe(true);
	expect(isScores(floats([2, 1], 1, 2))).toBe(false);
	expect(isScores(floats([2], 1, 2))).toBe(false);
	expect(isScores(tensor("int32", [1, 2], Int32Array.of(1, 2)))).toBe(false);
});
