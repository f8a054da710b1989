import { fail } from "../../errors.js";
import { gatherAxis } from "../../tensor/axis.js";
import type { BigArray, DType, NumericArray } from "../../tensor/dtype.js";
import { allocate, showShape, type Tensor } from "../../tensor/tensor.js";
import { double } from "./distribution.js";
import { type Philox, WordStream } from "./philox.js";
import { doublesOf } from "./samples.js";

/** Rows of classes drawn by their log-odds, as multinomial_op.cc does in one thread. Fails with INVALID without classes. */
export function drawnClasses(
	source: Philox,
	logits: Tensor,
	samples: number,
	dtype: DType,
): Tensor {
	const [rows, classes] = logits.shape;
	if (logits.shape.length !== 2 || classes === 0 || samples < 0)
		throw fail(
			"INVALID",
			`cannot draw ${samples} samples from log-odds of shape ${showShape(logits.shape)}: a matrix with columns is wanted`,
		);
	const values = doublesOf(logits);
	const words = new WordStream(source);
	const drawn = allocate(dtype, rows * samples) as NumericArray | BigArray;
	const store = dtype === "int64" ? BigInt : Number;
	for (let row = 0; row < rows; row++) {
		const sums = summedOdds(
			values.subarray(row * classes, (row + 1) * classes),
		);
		for (let i = 0; i < samples; i++) {
			const high = words.next();
			const wanted = double(high, words.next()) * sums[classes - 1];
			drawn[row * samples + i] = store(firstAbove(sums, wanted));
		}
	}
	return { dtype, shape: [rows, samples], data: drawn };
}

/** Cumulative odds, relative to the largest; what is not finite has none. */
function summedOdds(logits: Float64Array): Float64Array {
	const largest = logits.reduce(
		(max, value) => (Number.isFinite(value) && value > max ? value : max),
		-Number.MAX_VALUE,
	);
	let total = 0;
	return logits.map((value) => {
		if (Number.isFinite(value)) total += Math.exp(value - largest);
		return total;
	});
}

/** By bisection; the length if there is none. */
function firstAbove(sorted: Float64Array, wanted: number): number {
	let [low, high] = [0, sorted.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if (sorted[middle] > wanted) high = middle;
		else low = middle + 1;
	}
	return low;
}

/** The rows in another order: each is swapped with one that follows, or itself (shuffle_common.h). */
export function shuffledRows(source: Philox, value: Tensor): Tensor {
	const size = value.shape[0] ?? 0;
	if (size <= 1 || value.data.length <= 1) return value;
	const words = new WordStream(source);
	const order = Array.from({ length: size }, (_, i) => i);
	for (let i = 0; i < size - 1; i++) {
		const other = i + (words.next() % (size - i));
		[order[i], order[other]] = [order[other], order[i]];
	}
	return gatherAxis(value, 0, order);
}
