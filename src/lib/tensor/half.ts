/** Shared bits to move between a float32 and its pattern. */
const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

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
	return Float32Array.from(bits, float16ToNumber);
}

export function toFloat16(values: ArrayLike<number>): Uint16Array {
	return Uint16Array.from(values, numberToFloat16);
}

export function fromBfloat16(bits: Uint16Array): Float32Array {
	return Float32Array.from(bits, bfloat16ToNumber);
}

export function toBfloat16(values: ArrayLike<number>): Uint16Array {
	return Uint16Array.from(values, numberToBfloat16);
}

function roundToEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
	return floor % 2 === 0 ? floor : floor + 1;
}
