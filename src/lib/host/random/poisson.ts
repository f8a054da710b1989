import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { logGamma } from "../math/log-gamma.js";
import type { Philox } from "./philox.js";
import {
	doublesOf,
	RESERVED_BLOCKS,
	samplesOf,
	skipping,
	uniformDoubles,
} from "./samples.js";

/** From this rate on a rejection of few draws is cheaper than counting events. */
const LARGE_RATE = 10;

/** Samples of Poisson distributions, with the generator's numbers in the order of random_poisson_op.cc. */
export function poissonSamples(
	source: Philox,
	shape: readonly number[],
	rate: Tensor,
	dtype: DType,
): Tensor {
	const rates = doublesOf(rate);
	return samplesOf(dtype, shape, rate.shape, (index, output) => {
		const lambda = rates[index];
		if (!(lambda >= 0) || lambda === Infinity) return Number.NaN;
		const next = uniformDoubles(skipping(source, RESERVED_BLOCKS * output));
		return lambda < LARGE_RATE ? counted(next, lambda) : rejected(next, lambda);
	});
}

/** Knuth: how many uniform numbers can be multiplied before the product falls to exp(-rate). */
function counted(next: () => number, rate: number): number {
	const limit = Math.exp(-rate);
	let product = next();
	let count = 0;
	for (; product > limit; count++) product *= next();
	return count;
}

/** Hörmann, "The transformed rejection method for generating Poisson random variables" (1993). */
function rejected(next: () => number, rate: number): number {
	const logRate = Math.log(rate);
	const b = 0.931 + 2.53 * Math.sqrt(rate);
	const a = -0.059 + 0.02483 * b;
	const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
	for (;;) {
		const u = next() - 0.5;
		const v = next();
		const shifted = 0.5 - Math.abs(u);
		const k = Math.floor(((2 * a) / shifted + b) * u + rate + 0.43);
		if (shifted >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
		if (k < 0 || (shifted < 0.013 && v > shifted)) continue;
		const s = Math.log((v * inverseAlpha) / (a / (shifted * shifted) + b));
		if (s <= -rate + k * logRate - logGamma(k + 1)) return k;
	}
}
