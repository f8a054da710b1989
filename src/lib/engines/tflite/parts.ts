import { convertTensor } from "../../tensor/convert.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";

/** How values of a type go in and out whose type the runtime's interface lacks; `adapted.ts` has the other end. */
export interface Parts {
	/** What an input is given as. */
	fed(tensor: Tensor): readonly Tensor[];
	/** Types that an output is given as. */
	readonly types: readonly DType[];
	joined(parts: readonly Tensor[]): Tensor;
}

export const PARTS: { readonly [Type in DType]?: Parts } = {
	int64: {
		fed: twoParts,
		types: ["int32", "float32", "float32"],
		joined: threeParts,
	},
	uint16: {
		fed: (tensor) => [convertTensor(tensor, "int32")],
		types: ["int32"],
		joined: ([tensor]) => convertTensor(tensor, "uint16"),
	},
};

/** high · 2³² + low, with both of int32. */
function twoParts({ shape, data }: Tensor): readonly Tensor[] {
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

/** The lowest 32 bits, and what is above them as two floats that are exact. */
function threeParts([low, middle, high]: readonly Tensor[]): Tensor {
	const [bits, rest, top] = [low, middle, high].map(
		({ data }) => data as Float32Array,
	);
	const data = BigInt64Array.from({ length: bits.length }, (_, i) =>
		BigInt.asIntN(64, BigInt(bits[i] >>> 0) + BigInt(rest[i]) + BigInt(top[i])),
	);
	return { dtype: "int64", shape: low.shape, data };
}
