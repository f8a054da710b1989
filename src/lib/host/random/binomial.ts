import { broadcast } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { stretched } from "../broadcast.js";
import type { Philox } from "./philox.js";
import {
	doublesOf,
	RESERVED_BLOCKS,
	samplesOf,
	skipping,
	uniformDoubles,
} from "./samples.js";

/** From this mean on a rejection of few draws is cheaper than counting. */
const LARGE_MEAN = 10;
/** Blocks for one output while counting. */
const COUNTING_BLOCKS = 42;

/** Samples of binomial distributions, with the generator's numbers in the order of random_binomial_op.cc. */
export function binomialSamples(
	source: Philox,
	shape: readonly number[],
	[counts, probabilities]: readonly Tensor[],
	dtype: DType,
): Tensor {
	const common = broadcast(counts.shape, probabilities.shape) ?? [];
	const size = elementCount(common);
	const [n, p] = [counts, probabilities].map((tensor) => ({
		values: doublesOf(tensor),
		places: stretched(tensor.shape, common, size),
	}));
	return samplesOf(dtype, shape, common, (index, output) => {
		const count = n.values[n.places[index]];
		const probability = p.values[p.places[index]];
		return probability > 0.5 && probability < 1 && count > 0
			? count - successes(source, output, count, 1 - probability)
			: successes(source, output, count, probability);
	});
}

function successes(
	source: Philox,
	output: number,
	count: number,
	probability: number,
): number {
	if (count <= 0 || probability <= 0) return 0;
	if (probability >= 1) return count;
	// a rejection with infinities would never end
	if (Number.isNaN(probability) || !Number.isFinite(count)) return Number.NaN;
	const isLarge = count * probability >= LARGE_MEAN;
	const blocks = isLarge ? RESERVED_BLOCKS : COUNTING_BLOCKS;
	const next = uniformDoubles(skipping(source, blocks * output));
	return isLarge
		? rejected(next, count, probability)
		: counted(next, count, probability);
}

/** How many geometric numbers can be added before they exceed the count. */
function counted(
	next: () => number,
	count: number,
	probability: number,
): number {
	const scale = Math.log1p(-probability);
	let sum = Math.ceil(Math.log(next()) / scale);
	let found = 0;
	for (; sum <= count; found++) sum += Math.ceil(Math.log(next()) / scale);
	return found;
}

/** Hörmann, "The generation of binomial random variates" (1993), algorithm BTRS. */
function rejected(
	next: () => number,
	count: number,
	probability: number,
): number {
	const deviation = Math.sqrt(count * probability * (1 - probability));
	const b = 1.15 + 2.53 * deviation;
	const a = -0.0873 + 0.0248 * b + 0.01 * probability;
	const c = count * probability + 0.5;
	const limit = 0.92 - 4.2 / b;
	const ratio = probability / (1 - probability);
	const alpha = (2.83 + 5.1 / b) * deviation;
	const mode = Math.floor((count + 1) * probability);
	for (;;) {
		const u = next() - 0.5;
		const v = next();
		const shifted = 0.5 - Math.abs(u);
		const k = Math.floor(((2 * a) / shifted + b) * u + c);
		if (shifted >= 0.07 && v <= limit) return k;
		if (k < 0 || k > count) continue;
		const height = Math.log((v * alpha) / (a / (shifted * shifted) + b));
		const bound =
			(mode + 0.5) * Math.log((mode + 1) / (ratio * (count - mode + 1))) +
			(count + 1) * Math.log((count - mode + 1) / (count - k + 1)) +
			(k + 0.5) * Math.log((ratio * (count - k + 1)) / (k + 1)) +
			stirlingTail(mode) +
			stirlingTail(count - mode) -
			stirlingTail(k) -
			stirlingTail(count - k);
		if (height <= bound) return k;
	}
}

/** log(k!) less Stirling's approximation: of 0 to 9, then a series. */
const TAILS = [
	0.0810614667953272, 0.0413406959554092, 0.0276779256849983,
	0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
	0.0118967099458917, 0.010411265261972, 0.00925546218271273,
	0.00833056343336287,
];

function stirlingTail(k: number): number {
	if (k <= 9) return TAILS[Math.floor(k)];
	const square = (k + 1) * (k + 1);
	return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
