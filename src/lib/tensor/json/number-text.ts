import { digitsOfPrecision } from "./decimal.js";
import { putDigits, putText, setDigits } from "./digit-text.js";
import { productError } from "./doubles.js";

/**
 * Numbers as TensorFlow Serving writes them (json_tensor.cc, WriteDecimal): C's `%g`; if that is not read back as the
 * same number, `%.9g` for a float and `%.17g` for a double; `.0` behind what has neither point nor exponent. Each
 * function puts its text at `at` and returns the offset behind it, at most `MAX_NUMBER_BYTES` further.
 */
export function putFloat32(out: Uint8Array, at: number, value: number): number {
	const magnitude = Math.abs(value);
	if (!(magnitude > 0 && magnitude < Infinity))
		return putSpecial(out, at, value);
	const start = putSign(out, at, value);
	const exponent = decimalExponent(magnitude);
	const short = roundedTo(magnitude, exponent, SHORT);
	if (short >= 0 && isFloat32(short, exponent - SHORT + 1, magnitude))
		return putInteger(out, start, short, SHORT, exponent);
	const full = roundedTo(magnitude, exponent, FULL_32);
	return short < 0 || full < 0
		? putExactly(out, start, magnitude, FULL_32, Math.fround)
		: putInteger(out, start, full, FULL_32, exponent);
}

export function putFloat64(out: Uint8Array, at: number, value: number): number {
	const magnitude = Math.abs(value);
	if (!(magnitude > 0 && magnitude < Infinity))
		return putSpecial(out, at, value);
	const start = putSign(out, at, value);
	if (!(magnitude >= LEAST_EXACT && magnitude < MOST_EXACT))
		return putExactly(out, start, magnitude, FULL_64, (read) => read);
	const exponent = decimalExponent(magnitude);
	const short = roundedTo(magnitude, exponent, SHORT);
	return short >= 0 && isFloat64(short, exponent - SHORT + 1, magnitude)
		? putInteger(out, start, short, SHORT, exponent)
		: putFull64(out, start, magnitude, exponent);
}

/** Between these a double times a power of ten that is a double itself has 17 digits before the point. */
const LEAST_EXACT = 1e-5;
const MOST_EXACT = 1e16;

/** `-1.2345678901234567e-308`, or an integer of 64 bits. */
export const MAX_NUMBER_BYTES = 24;

/** Digits of `%g`; digits that tell a float or a double from any other. */
const SHORT = 6;
const FULL_32 = 9;
const FULL_64 = 17;

const MINUS = 0x2d;

function putSign(out: Uint8Array, at: number, value: number): number {
	if (value > 0) return at;
	out[at] = MINUS;
	return at + 1;
}

function putSpecial(out: Uint8Array, at: number, value: number): number {
	const text = Number.isNaN(value)
		? "NaN"
		: value === 0
			? Object.is(value, -0)
				? "-0.0"
				: "0.0"
			: value > 0
				? "Infinity"
				: "-Infinity";
	return putText(out, at, text);
}

const DOUBLE = new Float64Array(1);
const WORDS = new Uint32Array(DOUBLE.buffer);

const LEAST_POWER = -60;
const POWERS = Float64Array.from({ length: 121 }, (_, i) =>
	Number(`1e${i + LEAST_POWER}`),
);

function powerOfTen(exponent: number): number {
	return POWERS[exponent - LEAST_POWER];
}

/** The exponent of the first decimal digit of a number that is not subnormal as a double. */
function decimalExponent(magnitude: number): number {
	DOUBLE[0] = magnitude;
	const binary = (WORDS[1] >>> 20) - 1023;
	const least = Math.floor(binary * Math.LOG10E * Math.LN2);
	return magnitude >= powerOfTen(least + 1) ? least + 1 : least;
}

/** The first digits as an integer; -1 where the rest is too near to half of the last one to tell by doubles. */
function roundedTo(
	magnitude: number,
	exponent: number,
	digits: number,
): number {
	const scaled = magnitude * powerOfTen(digits - 1 - exponent);
	const integer = Math.floor(scaled);
	const rest = scaled - integer;
	if (Math.abs(rest - 0.5) < 1e-5) return -1;
	return rest > 0.5 ? integer + 1 : integer;
}

/** Whether a decimal number is read as this float32. The doubles in between have errors, of 2^-51 at most. */
function isFloat32(digits: number, power: number, magnitude: number): boolean {
	const read = digits * powerOfTen(power);
	const low = Math.fround(read * (1 - 2 ** -50));
	const high = Math.fround(read * (1 + 2 ** -50));
	return low === high
		? low === magnitude
		: Math.fround(Number(`${digits}e${power}`)) === magnitude;
}

/** The same for a double; the division or product is of two exact doubles, and so the nearest one. */
function isFloat64(digits: number, power: number, magnitude: number): boolean {
	const read =
		power < 0 ? digits / powerOfTen(-power) : digits * powerOfTen(power);
	return read === magnitude;
}

function putInteger(
	out: Uint8Array,
	at: number,
	integer: number,
	precision: number,
	exponent: number,
): number {
	// rounding up 9.99… gives one digit more
	if (integer === powerOfTen(precision)) {
		setDigits(0, precision, integer / 10);
		return putDigits(out, at, precision, exponent + 1);
	}
	setDigits(0, precision, integer);
	return putDigits(out, at, precision, exponent);
}

/**
 * Seventeen digits. The product with a power of ten is known exactly, as a double and what rounding took from it; so the
 * nearest integer is known too, ties included.
 */
function putFull64(
	out: Uint8Array,
	at: number,
	magnitude: number,
	exponent: number,
): number {
	const power = powerOfTen(FULL_64 - 1 - exponent);
	const product = magnitude * power;
	const error = productError(magnitude, power, product);
	// the double 1e-6 is less than 10^-6, and such may have one digit less than their exponent says
	if (product < 1e16 || (product === 1e16 && error < 0))
		return putExactly(out, at, magnitude, FULL_64, (read) => read);
	let upper = Math.floor(product / 1e8);
	let lower = product - upper * 1e8 + roundedToEven(error);
	if (lower < 0) {
		upper--;
		lower += 1e8;
	} else if (lower >= 1e8) {
		upper++;
		lower -= 1e8;
	}
	if (upper >= 1e9)
		return putExactly(out, at, magnitude, FULL_64, (read) => read);
	setDigits(0, 9, upper);
	setDigits(9, 8, lower);
	return putDigits(out, at, FULL_64, exponent);
}

/** The nearest integer, ties to even. Doubles from 2^53 on are even, so the sum with one of them is even as well. */
function roundedToEven(error: number): number {
	const floor = Math.floor(error);
	const rest = error - floor;
	if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
	return floor % 2 === 0 ? floor : floor + 1;
}

/** By way of the exact decimal digits of the number, which takes long. */
function putExactly(
	out: Uint8Array,
	at: number,
	magnitude: number,
	full: number,
	round: (read: number) => number,
): number {
	const short = digitsOfPrecision(magnitude, SHORT);
	const isSame =
		round(Number(`${short.digits}e${short.exponent - SHORT + 1}`)) ===
		magnitude;
	const { digits, exponent } = isSame
		? short
		: digitsOfPrecision(magnitude, full);
	for (let i = 0; i < digits.length; i++) setDigits(i, 1, Number(digits[i]));
	return putDigits(out, at, digits.length, exponent);
}
