import type { TensorData } from "../tensor/tensor.js";

/** Numbers of 64 bits that all fit into 32, signed. */
export interface Narrow {
	/** Number `i` is word `2 * i`. */
	readonly words: Int32Array;
}

/** Sees whether all integers of a tensor are small, as indices and sizes are: then they need no bigints, which are slow. */
export function narrowed(data: TensorData): Narrow | undefined {
	if (!(data instanceof BigInt64Array || data instanceof BigUint64Array))
		return undefined;
	const words = wordsOf(data);
	// a signed number is narrow if its upper half repeats the sign of the lower
	const mask = data instanceof BigInt64Array ? 0 : -1;
	let others = 0;
	for (let i = 0; i < words.length; i += 2) {
		const sign = words[i] >> 31;
		others |= (words[i + 1] ^ sign) | (sign & mask);
	}
	if (others !== 0) return undefined;
	return { words };
}

/** Writes a whole number between -2^53 and 2^53 as element `index` of 64 bits. */
export function writeNarrow(
	words: Int32Array,
	index: number,
	value: number,
): void {
	words[2 * index] = value;
	words[2 * index + 1] = Math.floor(value / 2 ** 32);
}

/** The halves of numbers of 64 bits, the lower one first. */
export function wordsOf({
	buffer,
	byteOffset,
	byteLength,
}: ArrayBufferView): Int32Array {
	return new Int32Array(buffer, byteOffset, byteLength / 4);
}
