/**
 * Encodings whose bytes sort as their values do (tensorflow/core/lib/strings/ordered_code.cc): the keys under which a
 * checkpoint keeps the slices of partitioned variables.
 */

/** An unsigned number: how many bytes it takes, then these, the highest first. */
export function orderedNumber(value: number): Uint8Array {
	const bytes: number[] = [];
	for (let rest = value; rest > 0; rest = Math.floor(rest / 256))
		bytes.unshift(rest % 256);
	return Uint8Array.of(bytes.length, ...bytes);
}

/** Bytes with 0 as 00 ff and 255 as ff 00, ended by 00 01. */
export function orderedString(bytes: Uint8Array): Uint8Array {
	const escaped: number[] = [];
	for (const byte of bytes) {
		escaped.push(byte);
		if (byte === 0x00) escaped.push(0xff);
		if (byte === 0xff) escaped.push(0x00);
	}
	escaped.push(0x00, 0x01);
	return Uint8Array.from(escaped);
}

/**
 * A signed number in 1 to 10 bytes of 7 bits each: as many leading ones as bytes, then the value's two's complement;
 * all these leading bits are inverted for negative numbers.
 */
export function orderedSignedNumber(value: bigint): Uint8Array {
	const magnitude = value < 0n ? ~value : value;
	const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
	const length = Math.floor(bits / 7) + 1;
	const header = ((1n << BigInt(length)) - 1n) << BigInt(length * 7);
	let rest = BigInt.asUintN(length * 8, value) ^ header;
	const bytes = new Uint8Array(length);
	for (let i = length - 1; i >= 0; i--) {
		bytes[i] = Number(rest & 255n);
		rest >>= 8n;
	}
	return bytes;
}
