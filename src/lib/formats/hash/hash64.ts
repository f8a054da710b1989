import { load64, mul, shift, type Uint64, uint64, xor } from "./uint64.js";

const FACTOR = uint64(0xc6a4a7935bd1e995n);
const SEED = uint64(0xdecafcaffen);

/** TensorFlow's Hash64 with its own seed (tensorflow/core/lib/hash/hash.cc): MurmurHash64A. */
export function hash64(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	let hash = xor(SEED, mul({ hi: 0, lo: length }, FACTOR));
	const whole = length - (length % 8);
	for (let at = 0; at < whole; at += 8) {
		const block = mul(load64(bytes, at), FACTOR);
		hash = mul(xor(hash, mul(folded(block), FACTOR)), FACTOR);
	}
	if (whole < length) {
		const tail = new Uint8Array(8);
		tail.set(bytes.subarray(whole));
		hash = mul(xor(hash, load64(tail, 0)), FACTOR);
	}
	return folded(mul(folded(hash), FACTOR));
}

function folded(value: Uint64): Uint64 {
	return xor(value, shift(value, 47));
}
