import type { Tensor } from "../../tensor/tensor.js";

/** Integers of 64 bits as high · 2³² + low, with both of int32. */
export function joinable({ shape, data }: Tensor): readonly [Tensor, Tensor] {
	const values = data as BigInt64Array;
	const high = new Int32Array(values.length);
	const low = new Int32Array(values.length);
	for (let i = 0; i < values.length; i++) {
		low[i] = Number(BigInt.asIntN(32, values[i]));
		high[i] = Number(BigInt.asIntN(32, (values[i] - BigInt(low[i])) >> 32n));
	}
	return [
		{ dtype: "int32", shape, data: high },
		{ dtype: "int32", shape, data: low },
	];
}

/** The other way: the lowest 32 bits, and what is above them as two floats that are exact. */
export function rejoined([low, middle, high]: readonly Tensor[]): Tensor {
	const [bits, rest, top] = [low, middle, high].map(
		({ data }) => data as Float32Array,
	);
	const data = BigInt64Array.from(
		{ length: bits.length },
		(_, i) => BigInt(bits[i] >>> 0) + BigInt(rest[i]) + BigInt(top[i]),
	);
	return { dtype: "int64", shape: low.shape, data };
}
