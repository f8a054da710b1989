/** Shared bits to move between a float32 and its pattern. */
const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** How many binary16 there are: from so many on, all are decoded once and looked up. */
const HALVES = 2 ** 16;
let decoded: Float32Array | undefined;

/** The number that the bits of an IEEE 754 binary16 stand for. */
export function float16ToNumber(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1f;
	const fraction = bits & 0x3ff;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest binary16, ties to even; beyond 65520 it is infinite. */
export function numberToFloat16(value: number): number {
	if (Number.isNaN(value)) return 0x7e00;
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const magnitude = Math.abs(value);
	// halfway between the largest half, 65504, and the next power of two
	if (magnitude >= 65520) return sign | 0x7c00;
	if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
	const exponent = Math.min(Math.floor(Math.log2(magnitude)), 15);
	const scale = magnitude >= 2 ** exponent ? exponent : exponent - 1;
	// rounding up to the next power of two carries into the exponent, as it should
	return (
		sign |
		(((scale + 15) << 10) + roundToEven((magnitude / 2 ** scale - 1) * 1024))
	);
}

/** The number that the bits of a bfloat16, the upper half of a float32, stand for. */
export function bfloat16ToNumber(bits: number): number {
	BITS[0] = bits << 16;
	return FLOAT[0];
}

/** The nearest bfloat16, ties to even. */
export function numberToBfloat16(value: number): number {
	FLOAT[0] = value;
	if (Number.isNaN(value)) return 0x7fc0;
	const bits = BITS[0];
	return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function fromFloat16(bits: Uint16Array): Float32Array {
	if (bits.length < HALVES) return Float32Array.from(bits, float16ToNumber);
	decoded ??= Float32Array.from({ length: HALVES }, (_, half) =>
		float16ToNumber(half),
	);
	const values = new Float32Array(bits.length);
	for (let i = 0; i < bits.length; i++) values[i] = decoded[bits[i]];
	return values;
}

export function toFloat16(values: ArrayLike<number>): Uint16Array {
	const bits = new Uint16Array(values.length);
	const encode =
		values instanceof Float32Array ? float32ToFloat16 : numberToFloat16;
	for (let i = 0; i < bits.length; i++) bits[i] = encode(values[i]);
	return bits;
}

export function fromBfloat16(bits: Uint16Array): Float32Array {
	return Float32Array.from(bits, bfloat16ToNumber);
}

export function toBfloat16(values: ArrayLike<number>): Uint16Array {
	return Uint16Array.from(values, numberToBfloat16);
}

/** As `numberToFloat16`, by the bits of a float32 where those of the half are its own, shifted: normal numbers. */
function float32ToFloat16(value: number): number {
	FLOAT[0] = value;
	const bits = BITS[0];
	const magnitude = bits & 0x7fffffff;
	// from 2^-14 up to 2^16
	if (magnitude < 0x38800000 || magnitude >= 0x47800000)
		return numberToFloat16(value);
	// the exponent's bias is 112 less; half of what is cut off rounds up, less one for the even side
	const rounded = magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1);
	return ((bits >>> 16) & 0x8000) | (rounded >>> 13);
}

function roundToEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
	return floor % 2 === 0 ? floor : floor + 1;
}
