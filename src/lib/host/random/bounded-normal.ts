import { fail } from "../../errors.js";
import { broadcast } from "../../ops/shapes.js";
import type { DType } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { stretched } from "../broadcast.js";
import { normal, uniform } from "./distribution.js";
import type { Philox } from "./philox.js";
import { doublesOf, samplesOf } from "./samples.js";

/** A bound at least so many deviations beyond the mean leaves enough of the normal distribution to draw from it. */
const WIDE = 1.3;
const MAX_DRAWS = 1000;

/** A normal distribution within bounds, in deviations from its mean. */
interface Bounded {
	readonly mean: number;
	readonly deviation: number;
	readonly low: number;
	readonly high: number;
}

/**
 * Samples of normal distributions between bounds, one after another as parameterized_truncated_normal_op.cc draws them in
 * one thread: mean, deviation, lower and upper bound broadcast. Fails with INVALID for parameters that are no distribution.
 */
export function boundedNormalSamples(
	source: Philox,
	shape: readonly number[],
	parameters: readonly Tensor[],
	dtype: DType,
): Tensor {
	const common = parameters
		.map((tensor): readonly number[] => tensor.shape)
		.reduce((a, b) => broadcast(a, b) ?? []);
	const size = elementCount(common);
	const columns = parameters.map((tensor) => ({
		values: doublesOf(tensor),
		places: stretched(tensor.shape, common, size),
	}));
	let current = -1;
	let next: () => number = () => Number.NaN;
	return samplesOf(dtype, shape, common, (index) => {
		if (index !== current) {
			const [mean, deviation, low, high] = columns.map(
				({ values, places }) => values[places[index]],
			);
			next = sampler(source, bounded(mean, deviation, low, high), dtype);
			current = index;
		}
		return next();
	});
}

/** A distribution without a lower bound, or below its mean, is turned around. */
function bounded(
	mean: number,
	deviation: number,
	low: number,
	high: number,
): Bounded {
	const isBounded = Number.isFinite(low) || Number.isFinite(high);
	if (!(deviation > 0) || !(low < high) || !isBounded)
		throw fail(
			"INVALID",
			`cannot draw from a normal distribution of deviation ${deviation} between ${low} and ${high}`,
		);
	const isTurned = low === -Infinity || high < mean;
	const signed = isTurned ? -deviation : deviation;
	return {
		mean,
		deviation: signed,
		low: ((isTurned ? high : low) - mean) / signed,
		high: ((isTurned ? low : high) - mean) / signed,
	};
}

/** Draws candidates in groups until one is accepted; the rest of a group is kept for the next number. */
function sampler(
	source: Philox,
	distribution: Bounded,
	dtype: DType,
): () => number {
	const { mean, deviation, low, high } = distribution;
	const isWide = (low < -WIDE && high >= 0) || (high > WIDE && low <= 0);
	const root = Math.sqrt(low * low + 4);
	const cutoff = (2 * Math.exp(0.5 + (low * (low - root)) / 4)) / (low + root);
	const candidates = isWide
		? fromNormal(distribution)
		: high - low < cutoff
			? fromUniform(distribution)
			: fromExponential(distribution);
	const precision = dtype as Precision;
	let accepted: readonly (number | undefined)[] = [];
	let at = 0;
	return () => {
		for (let draws = 0; draws <= MAX_DRAWS; draws++) {
			if (at === accepted.length) {
				accepted = candidates(source, precision);
				at = 0;
			}
			const value = accepted[at++];
			if (value !== undefined) return value * deviation + mean;
		}
		throw fail(
			"INVALID",
			`cannot draw a number between ${low} and ${high} deviations from the mean`,
		);
	};
}

type Precision = keyof typeof normal;

/** A group of candidates; `undefined` for those that are refused. */
type Candidates = (
	source: Philox,
	precision: Precision,
) => readonly (number | undefined)[];

function drawn(
	distributions: typeof normal | typeof uniform,
	source: Philox,
	precision: Precision,
): number[] {
	const distribution = distributions[precision];
	const values = new Float64Array(distribution.group);
	distribution.draw(source, values, 0);
	return [...values];
}

function fromNormal({ low, high }: Bounded): Candidates {
	return (source, precision) =>
		drawn(normal, source, precision).map((value) =>
			value >= low && value <= high ? value : undefined,
		);
}

function fromUniform({ low, high }: Bounded): Candidates {
	const highest = low < 0 ? 0 : low * low;
	return (source, precision) => {
		const values = drawn(uniform, source, precision);
		const chances = drawn(uniform, source, precision);
		return values.map((value, i) => {
			const z = value * (high - low) + low;
			return chances[i] <= Math.exp((highest - z * z) / 2) ? z : undefined;
		});
	};
}

/** Robert, "Simulation of truncated normal variables" (1995). */
function fromExponential({ low, high }: Bounded): Candidates {
	const alpha = (low + Math.sqrt(low * low + 4)) / 2;
	return (source, precision) => {
		const values = drawn(uniform, source, precision);
		return Array.from({ length: values.length / 2 }, (_, pair) => {
			const z = -Math.log(values[2 * pair]) / alpha + low;
			const x = low < alpha ? alpha - z : low - alpha;
			const isAccepted =
				values[2 * pair + 1] <= Math.exp((-x * x) / 2) && z < high;
			return isAccepted ? z : undefined;
		});
	};
}
