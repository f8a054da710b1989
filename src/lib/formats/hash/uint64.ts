/** An unsigned integer of 64 bits as two halves: BigInt is many times slower. Halves are int32, read as unsigned. */
export interface Uint64 {
	readonly hi: number;
	readonly lo: number;
}

export function uint64(value: bigint): Uint64 {
	return {
		hi: Number((value >> 32n) & 0xffffffffn) | 0,
		lo: Number(value & 0xffffffffn) | 0,
	};
}

/** The number as BigInt. */
export function toBigInt({ hi, lo }: Uint64): bigint {
	return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

/** Eight bytes, the lowest first. */
export function load64(bytes: Uint8Array, at: number): Uint64 {
	return { hi: load32(bytes, at + 4), lo: load32(bytes, at) };
}

export function load32(bytes: Uint8Array, at: number): number {
	return (
		bytes[at] |
		(bytes[at + 1] << 8) |
		(bytes[at + 2] << 16) |
		(bytes[at + 3] << 24)
	);
}

export function add(a: Uint64, b: Uint64): Uint64 {
	const lo = (a.lo + b.lo) | 0;
	const carry = lo >>> 0 < a.lo >>> 0 ? 1 : 0;
	return { hi: (a.hi + b.hi + carry) | 0, lo };
}

/** Adds a small number. */
export function plus(a: Uint64, b: number): Uint64 {
	return add(a, { hi: 0, lo: b });
}

export function xor(a: Uint64, b: Uint64): Uint64 {
	return { hi: a.hi ^ b.hi, lo: a.lo ^ b.lo };
}

/** Schoolbook multiplication in 16-bit digits; the upper 64 bits are dropped. */
export function mul(a: Uint64, b: Uint64): Uint64 {
	const [a0, a1] = [a.lo & 0xffff, a.lo >>> 16];
	const [b0, b1] = [b.lo & 0xffff, b.lo >>> 16];
	const low = a0 * b0;
	const middle = a1 * b0 + (low >>> 16);
	const middle2 = a0 * b1 + (middle % 0x10000);
	// both sums stay below 2^33: doubles hold them exactly
	const high =
		a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000);
	return {
		hi: (high + Math.imul(a.hi, b.lo) + Math.imul(a.lo, b.hi)) | 0,
		lo: ((middle2 % 0x10000) << 16) | (low & 0xffff),
	};
}

/** Rotates to the right. */
export function rotate({ hi, lo }: Uint64, by: number): Uint64 {
	if (by === 32) return { hi: lo, lo: hi };
	if (by > 32) return rotate({ hi: lo, lo: hi }, by - 32);
	return {
		hi: (hi >>> by) | (lo << (32 - by)),
		lo: (lo >>> by) | (hi << (32 - by)),
	};
}

/** Shifts to the right, zeros coming in. */
export function shift({ hi, lo }: Uint64, by: number): Uint64 {
	return by >= 32
		? { hi: 0, lo: by === 32 ? hi : hi >>> (by - 32) }
		: { hi: hi >>> by, lo: (lo >>> by) | (hi << (32 - by)) };
}

/** The remainder of the unsigned number; `divisor` is at most 2^63 - 1. */
export function remainder(value: Uint64, divisor: number | bigint): bigint {
	if (typeof divisor === "number" && divisor <= 2 ** 21) {
		const high = (value.hi >>> 0) % divisor;
		return BigInt((high * 2 ** 32 + (value.lo >>> 0)) % divisor);
	}
	return toBigInt(value) % BigInt(divisor);
}
