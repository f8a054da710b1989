import { broadcast } from "../../ops/shapes.js";
import type { NumericArray } from "../../tensor/dtype.js";
import { allocate, elementCount, type Tensor } from "../../tensor/tensor.js";
import { eachRow } from "../broadcast.js";
import type { HostKernel } from "../kernel.js";

/** A complex number to write into: real and imaginary part, in double precision. */
export type Target = Float64Array;

/** Writes a function of a + bi. */
export type ComplexFunction = (a: number, b: number, to: Target) => void;

/** Writes what becomes of a + bi and c + di. */
export type ComplexPair = (
	a: number,
	b: number,
	c: number,
	d: number,
	to: Target,
) => void;

export function complexUnary(compute: ComplexFunction): HostKernel {
	return (_, [{ dtype, shape, data }]) => {
		const values = data as NumericArray;
		const results = allocate(dtype, values.length / 2) as NumericArray;
		const to = new Float64Array(2);
		for (let i = 0; i < values.length; i += 2) {
			compute(values[i], values[i + 1], to);
			results[i] = to[0];
			results[i + 1] = to[1];
		}
		return [{ dtype, shape, data: results }];
	};
}

/** A kernel of two complex inputs that broadcast. */
export function complexBinary(compute: ComplexPair): HostKernel {
	return (_, [x, y]) => {
		const shape = broadcast(x.shape, y.shape) as readonly number[];
		const results = allocate(x.dtype, elementCount(shape)) as NumericArray;
		const to = new Float64Array(2);
		eachPair(x, y, shape, (a, b, c, d, at) => {
			compute(a, b, c, d, to);
			results[2 * at] = to[0];
			results[2 * at + 1] = to[1];
		});
		return [{ dtype: x.dtype, shape, data: results }];
	};
}

/** Visits the pairs of elements of two complex tensors that are broadcast to `shape`. */
export function eachPair(
	x: Tensor,
	y: Tensor,
	shape: readonly number[],
	visit: (a: number, b: number, c: number, d: number, at: number) => void,
): void {
	const [from, other] = [x.data as NumericArray, y.data as NumericArray];
	eachRow(shape, [x.shape, y.shape], (at, length, starts, steps) => {
		let [i, j] = [2 * starts[0], 2 * starts[1]];
		for (let k = at; k < at + length; k++) {
			visit(from[i], from[i + 1], other[j], other[j + 1], k);
			i += 2 * steps[0];
			j += 2 * steps[1];
		}
	});
}
