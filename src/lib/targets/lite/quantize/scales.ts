import type { Constant } from "../../../tensor/constant.js";
import { elementCount } from "../../../tensor/tensor.js";
import type { Quantization } from "../graph.js";

/** Bits of a signed integer on one side of zero: weights use no -128, so that products stay symmetric. */
const MOST = 127;

/** A weight as int8: one scale for all of it, or one for each slice along an axis. */
export interface QuantizedWeight {
	readonly constant: Constant;
	readonly quantization: Quantization;
	/** The largest difference, in parts of the largest number. */
	readonly error: number;
}

/** Symmetric int8 around zero: scale = largest / 127. Reads the weight; what it gives is computed when it is written. */
export function quantizedWeight(
	weight: Constant,
	axis?: number,
): QuantizedWeight {
	const source = weight.read().data as Float32Array;
	const slices = slicesOf(weight.shape, axis);
	const largest = new Float32Array(slices.count);
	for (let i = 0; i < source.length; i++) {
		const slice = slices.of(i);
		largest[slice] = Math.max(largest[slice], Math.abs(source[i]));
	}
	const scale = Array.from(largest, (value) =>
		value === 0 ? 1 : value / MOST,
	);
	let [error, most] = [0, 0];
	for (let i = 0; i < source.length; i++) {
		const step = scale[slices.of(i)];
		error = Math.max(
			error,
			Math.abs(rounded(source[i], step) * step - source[i]),
		);
		most = Math.max(most, Math.abs(source[i]));
	}
	return {
		quantization: {
			scale,
			zeroPoint: scale.map(() => 0),
			axis: axis ?? 0,
		},
		error: most === 0 ? 0 : error / most,
		constant: {
			dtype: "int8",
			shape: weight.shape,
			byteLength: elementCount(weight.shape),
			read: () => {
				const values = weight.read().data as Float32Array;
				const data = new Int8Array(values.length);
				for (let i = 0; i < values.length; i++)
					data[i] = rounded(values[i], scale[slices.of(i)]);
				return { dtype: "int8", shape: weight.shape, data };
			},
		},
	};
}

function rounded(value: number, scale: number): number {
	return Math.max(-MOST, Math.min(MOST, Math.round(value / scale)));
}

interface Slices {
	readonly count: number;
	/** The slice that an element is in. */
	of(element: number): number;
}

function slicesOf(shape: readonly number[], axis: number | undefined): Slices {
	if (axis === undefined) return { count: 1, of: () => 0 };
	const count = shape[axis];
	const run = elementCount(shape.slice(axis + 1));
	return { count, of: (element) => Math.trunc(element / run) % count };
}
