import {
	add,
	load32,
	load64,
	mul,
	plus,
	rotate,
	shift,
	type Uint64,
	uint64,
	xor,
} from "./uint64.js";

const K0 = uint64(0xc3a5c85c97cb3127n);
const K1 = uint64(0xb492b66fbe98f273n);
const K2 = uint64(0x9ae16a3b2f90404fn);
const NINE: Uint64 = { hi: 0, lo: 9 };

/** FarmHash's Fingerprint64 (farmhashna::Hash64 of farmhash.cc, version 1.1): what TensorFlow calls a fingerprint. */
export function fingerprint64(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	if (length <= 16) return upTo16(bytes);
	if (length <= 32) return upTo32(bytes);
	return length <= 64 ? upTo64(bytes) : beyond64(bytes);
}

function upTo16(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	if (length >= 8) {
		const factor = plus(K2, length * 2);
		const a = add(load64(bytes, 0), K2);
		const b = load64(bytes, length - 8);
		const c = add(mul(rotate(b, 37), factor), a);
		const d = mul(add(rotate(a, 25), b), factor);
		return mixed(c, d, factor);
	}
	if (length >= 4) {
		const factor = plus(K2, length * 2);
		const a = load32(bytes, 0);
		const first = plus({ hi: a >>> 29, lo: a << 3 }, length);
		return mixed(first, { hi: 0, lo: load32(bytes, length - 4) }, factor);
	}
	if (length === 0) return K2;
	const y = bytes[0] + (bytes[length >> 1] << 8);
	const z = length + (bytes[length - 1] << 2);
	const both = xor(mul({ hi: 0, lo: y }, K2), mul({ hi: 0, lo: z }, K0));
	return mul(folded(both), K2);
}

function upTo32(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	const factor = plus(K2, length * 2);
	const a = mul(load64(bytes, 0), K1);
	const b = load64(bytes, 8);
	const c = mul(load64(bytes, length - 8), factor);
	const d = mul(load64(bytes, length - 16), K2);
	return mixed(
		add(add(rotate(add(a, b), 43), rotate(c, 30)), d),
		add(add(a, rotate(add(b, K2), 18)), c),
		factor,
	);
}

function upTo64(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	const factor = plus(K2, length * 2);
	const a = mul(load64(bytes, 0), K2);
	const b = load64(bytes, 8);
	const c = mul(load64(bytes, length - 8), factor);
	const d = mul(load64(bytes, length - 16), K2);
	const y = add(add(rotate(add(a, b), 43), rotate(c, 30)), d);
	const z = mixed(y, add(add(a, rotate(add(b, K2), 18)), c), factor);
	const e = mul(load64(bytes, 16), factor);
	const f = load64(bytes, 24);
	const g = mul(add(y, load64(bytes, length - 32)), factor);
	const h = mul(add(z, load64(bytes, length - 24)), factor);
	return mixed(
		add(add(rotate(add(e, f), 43), rotate(g, 30)), h),
		add(add(e, rotate(add(f, a), 18)), g),
		factor,
	);
}

/** 56 bytes of state: x, y, z, v and w of upstream's loop over blocks of 64 bytes. */
function beyond64(bytes: Uint8Array): Uint64 {
	const { length } = bytes;
	const seed: Uint64 = { hi: 0, lo: 81 };
	let x = add(mul(seed, K2), load64(bytes, 0));
	let y = plus(mul(seed, K1), 113);
	let z = mul(folded(plus(mul(y, K2), 113)), K2);
	let v: Pair = [ZERO, ZERO];
	let w: Pair = [ZERO, ZERO];
	const turn = (at: number, factor: Uint64, weight: Uint64 | undefined) => {
		const times = (value: Uint64) =>
			weight === undefined ? value : mul(value, weight);
		x = mul(
			rotate(add(add(add(x, y), v[0]), load64(bytes, at + 8)), 37),
			factor,
		);
		y = mul(rotate(add(add(y, v[1]), load64(bytes, at + 48)), 42), factor);
		x = xor(x, times(w[1]));
		y = add(y, add(times(v[0]), load64(bytes, at + 40)));
		z = mul(rotate(add(z, w[0]), 33), factor);
		v = weak(bytes, at, mul(v[1], factor), add(x, w[0]));
		w = weak(bytes, at + 32, add(z, w[1]), add(y, load64(bytes, at + 16)));
		[z, x] = [x, z];
	};
	const end = Math.floor((length - 1) / 64) * 64;
	for (let at = 0; at < end; at += 64) turn(at, K1, undefined);
	const factor = add(K1, { hi: 0, lo: (z.lo & 0xff) << 1 });
	const left = (length - 1) & 63;
	const first = plus(w[0], left);
	v = [add(v[0], first), v[1]];
	w = [add(first, v[0]), w[1]];
	turn(end + left - 63, factor, NINE);
	return mixed(
		add(add(mixed(v[0], w[0], factor), mul(folded(y), K0)), z),
		add(mixed(v[1], w[1], factor), x),
		factor,
	);
}

type Pair = readonly [Uint64, Uint64];

const ZERO: Uint64 = { hi: 0, lo: 0 };

/** WeakHashLen32WithSeeds */
function weak(bytes: Uint8Array, at: number, a: Uint64, b: Uint64): Pair {
	const z = load64(bytes, at + 24);
	const start = add(a, load64(bytes, at));
	const turned = rotate(add(add(b, start), z), 21);
	const sum = add(add(start, load64(bytes, at + 8)), load64(bytes, at + 16));
	return [add(sum, z), add(add(turned, rotate(sum, 44)), start)];
}

/** HashLen16 */
function mixed(u: Uint64, v: Uint64, factor: Uint64): Uint64 {
	const a = folded(mul(xor(u, v), factor));
	return mul(folded(mul(xor(v, a), factor)), factor);
}

/** ShiftMix */
function folded(value: Uint64): Uint64 {
	return xor(value, shift(value, 47));
}
