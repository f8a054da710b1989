import { add, load64, rotate, type Uint64, uint64, xor } from "./uint64.js";

interface State {
	a: Uint64;
	b: Uint64;
	c: Uint64;
	d: Uint64;
}

/** SipHash-2-4 (Aumasson and Bernstein, 2012): TensorFlow's strong hash, with a key of 128 bits. */
export function sipHash(
	[first, second]: readonly [bigint, bigint],
	bytes: Uint8Array,
): Uint64 {
	const [k0, k1] = [uint64(first), uint64(second)];
	const state: State = {
		a: xor(k0, uint64(0x736f6d6570736575n)),
		b: xor(k1, uint64(0x646f72616e646f6dn)),
		c: xor(k0, uint64(0x6c7967656e657261n)),
		d: xor(k1, uint64(0x7465646279746573n)),
	};
	const whole = bytes.length - (bytes.length % 8);
	for (let at = 0; at < whole; at += 8) absorb(state, load64(bytes, at));
	const tail = new Uint8Array(8);
	tail.set(bytes.subarray(whole));
	tail[7] = bytes.length & 0xff;
	absorb(state, load64(tail, 0));
	state.c = xor(state.c, { hi: 0, lo: 0xff });
	for (let i = 0; i < 4; i++) round(state);
	return xor(xor(state.a, state.b), xor(state.c, state.d));
}

function absorb(state: State, block: Uint64): void {
	state.d = xor(state.d, block);
	round(state);
	round(state);
	state.a = xor(state.a, block);
}

/** Rotations to the left by n are rotations to the right by 64 - n. */
function round(state: State): void {
	let { a, b, c, d } = state;
	a = add(a, b);
	b = xor(rotate(b, 64 - 13), a);
	a = rotate(a, 32);
	c = add(c, d);
	d = xor(rotate(d, 64 - 16), c);
	a = add(a, d);
	d = xor(rotate(d, 64 - 21), a);
	c = add(c, b);
	b = xor(rotate(b, 64 - 17), c);
	c = rotate(c, 32);
	Object.assign(state, { a, b, c, d });
}
