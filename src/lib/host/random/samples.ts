import { fail } from "../../errors.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import { numbersOf } from "../elementwise.js";
import { converted } from "../math/converted.js";
import { type Distribution, uniform } from "./distribution.js";
import type { Philox } from "./philox.js";

/** Draws one number of the distribution that belongs to parameter `index`. */
export type Sampler = (source: Philox, index: number) => number;

/** Each output may take so many blocks, so that it does not depend on what others took. */
export const RESERVED_BLOCKS = 256;

/**
 * Samples of many distributions, parameters along the last axes: [..samples, ..parameters]. The generator's blocks are
 * numbered parameter by parameter, sample by sample. Fails with INVALID where the shape does not end with the parameters'.
 */
export function samplesOf(
	dtype: DType,
	shape: readonly number[],
	parameters: readonly number[],
	draw: (index: number, output: number) => number,
): Tensor {
	if (!endsWith(shape, parameters))
		throw fail(
			"INVALID",
			`cannot draw samples of shape ${showShape(shape)}: it does not end with that of the parameters, ${showShape(parameters)}`,
		);
	const count = elementCount(shape);
	const distributions = elementCount(parameters);
	const values = new Float64Array(count);
	const samples = count / Math.max(distributions, 1);
	for (let output = 0; output < count; output++) {
		const index = Math.floor(output / samples);
		values[(output % samples) * distributions + index] = draw(index, output);
	}
	return { dtype, shape, data: fromDoubles(values, dtype) };
}

/** Doubles as elements of a type, as C converts them. */
function fromDoubles(values: Float64Array, dtype: DType) {
	const { kind } = DTYPES[dtype];
	return kind === "half"
		? converted(Float32Array.from(values), dtype)
		: converted(values, dtype);
}

/** The parameters as doubles. */
export function doublesOf(tensor: Tensor): Float64Array {
	return Float64Array.from(
		numbersOf(tensor) as ArrayLike<number | bigint>,
		Number,
	);
}

function endsWith(shape: readonly number[], end: readonly number[]): boolean {
	const start = shape.length - end.length;
	return start >= 0 && end.every((size, i) => size === shape[start + i]);
}

/** Numbers of a distribution one at a time, each group from its last on. */
export function backwards(
	distribution: Distribution<Float64Array>,
	source: Philox,
): () => number {
	const values = new Float64Array(distribution.group);
	let left = 0;
	return () => {
		if (left === 0) {
			distribution.draw(source, values, 0);
			left = distribution.group;
		}
		return values[--left];
	};
}

/** Uniform doubles, in that order. */
export function uniformDoubles(source: Philox): () => number {
	return backwards(uniform.float64, source);
}

/** A generator of its own for one output. */
export function skipping(source: Philox, blocks: number): Philox {
	const own = source.copy();
	own.skip(blocks);
	return own;
}
