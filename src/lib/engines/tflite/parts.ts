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

/** A type in the place of which the file that runs has another one. */
function instead(dtype: DType, held: DType): Parts {
	return {
		fed: (tensor) => [convertTensor(tensor, held)],
		types: [held],
		joined: ([tensor]) => convertTensor(tensor, dtype),
	};
}

export const PARTS: { readonly [Type in DType]?: Parts } = {
	int64: {
		fed: sumParts,
		types: ["int32", "float32", "float32"],
		joined: rejoined,
	},
	uint64: {
		fed: (tensor) => sumParts(sameBits(tensor, BigInt64Array)),
		types: ["int32", "float32", "float32"],
		joined: (parts) => ({
			...sameBits(rejoined(parts), BigUint64Array),
			dtype: "uint64",
		}),
	},
	uint16: instead("uint16", "int32"),
	float16: instead("float16", "float32"),
	float64: instead("float64", "float32"),
};

function sameBits(
	tensor: Tensor,
	View: BigInt64ArrayConstructor | BigUint64ArrayConstructor,
): Tensor {
	const values = tensor.data as BigInt64Array;
	const { buffer, byteOffset, length } = values;
	return {
		...tensor,
		data: new View(buffer as ArrayBuffer, byteOffset, length),
	};
}

/** high · 2³² + middle · 2³¹ + low: sums that stay in 64 bits on the way, as kernels do not wrap around. */
function sumParts({ shape, data }: Tensor): readonly Tensor[] {
	const values = data as BigInt64Array;
	const part = (of: (value: bigint) => bigint): Tensor => ({
		dtype: "int32",
		shape,
		data: Int32Array.from(values, (value) => Number(of(value))),
	});
	return [
		part((value) => value >> 32n),
		part((value) => (value >> 31n) & 1n),
		part((value) => value & 0x7fffffffn),
	];
}

/** The lowest 32 bits, and what is above them as two floats that are exact. */
function rejoined([low, middle, high]: readonly Tensor[]): Tensor {
	const [bits, rest, top] = [low, middle, high].map(
		({ data }) => data as Float32Array,
	);
	const data = BigInt64Array.from({ length: bits.length }, (_, i) =>
		BigInt.asIntN(64, BigInt(bits[i] >>> 0) + BigInt(rest[i]) + BigInt(top[i])),
	);
	return { dtype: "int64", shape: low.shape, data };
}
