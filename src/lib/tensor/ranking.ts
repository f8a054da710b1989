import { DTYPES } from "./dtype.js";
import { bfloat16ToNumber, float16ToNumber } from "./half.js";
import type { Tensor } from "./tensor.js";

export interface Ranked {
	readonly index: number;
	readonly score: number;
}

/** The best `count` classes of each row of a tensor [rows, classes], the best first; of equal ones the first. */
export function rankRows(scores: Tensor, count: number): Ranked[][] {
	const [rows, classes] = scores.shape;
	const values = numbersOf(scores);
	return Array.from({ length: rows }, (_, row) =>
		Array.from({ length: classes }, (_, index) => ({
			index,
			score: values[row * classes + index],
		}))
			.sort((a, b) => b.score - a.score || a.index - b.index)
			.slice(0, count),
	);
}

/** Whether a tensor holds a score for each of several classes a row. */
export function isScores({ dtype, shape }: Tensor): boolean {
	const { kind } = DTYPES[dtype];
	return (
		(kind === "float" || kind === "half") && shape.length === 2 && shape[1] > 1
	);
}

/** Whether every row of scores is a distribution: none negative, the sum one. */
export function isDistribution(scores: Tensor): boolean {
	const [rows, classes] = scores.shape;
	const values = numbersOf(scores);
	for (let row = 0; row < rows; row++) {
		const scoresOfRow = values.slice(row * classes, (row + 1) * classes);
		const sum = scoresOfRow.reduce((total, score) => total + score, 0);
		if (scoresOfRow.some((score) => !(score >= 0)) || Math.abs(sum - 1) > 0.01)
			return false;
	}
	return rows > 0;
}

function numbersOf({ dtype, data }: Tensor): number[] {
	const toNumber =
		dtype === "float16"
			? float16ToNumber
			: dtype === "bfloat16"
				? bfloat16ToNumber
				: Number;
	return Array.from(data as Float32Array, toNumber);
}
