import { digitsOfPrecision } from "./decimal.js";

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
		return putDigits(out, start, short, exponent, SHORT);
	const full = roundedTo(magnitude, exponent, FULL_32);
	return short < 0 || full < 0
		? putExactly(out, start, magnitude, FULL_32, Math.fround)
		: putDigits(out, start, full, exponent, FULL_32);
}

export function putFloat64(out: Uint8Array, at: number, value: number): number {
	const magnitude = Math.abs(value);
	if (!(magnitude > 0 && magnitude < Infinity))
		return putSpecial(out, at, value);
	const start = putSign(out, at, value);
	return putExactly(out, start, magnitude, FULL_64, (read) => read);
}

/** `-1.2345678901234567e-308`, or an integer of 64 bits. */
export const MAX_NUMBER_BYTES = 24;

/** Digits of `%g`; digits that tell a float or a double from any other. */
const SHORT = 6;
const FULL_32 = 9;
const FULL_64 = 17;

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const EXPONENT = 0x65;

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

export function putText(out: Uint8Array, at: number, text: string): number {
	for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
	return at + text.length;
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

/** The exponent of the first decimal digit of a float32. */
function decimalExponent(magnitude: number): number {
	DOUBLE[0] = magnitude;
	const binary = (WORDS[1] >>> 20) - 1023;
	const least = Math.floor(binary * Math.LOG10E * Math.LN2);
	return magnitude >= powerOfTen(least + 1) ? least + 1 : least;
}

/** The first digits of a float32 as an integer; -1 where it is too near to half of the last one to tell by doubles. */
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

/** The digits of a number that is being written, without zeros at the end. */
const DIGITS = new Uint8Array(20);

function putDigits(
	out: Uint8Array,
	at: number,
	integer: number,
	exponent: number,
	precision: number,
): number {
	let rest = integer | 0;
	for (let i = precision - 1; i >= 0; i--) {
		const next = (rest / 10) | 0;
		DIGITS[i] = rest - next * 10;
		rest = next;
	}
	// rounding up 9.99… gives one digit more
	if (rest > 0) {
		DIGITS[0] = 1;
		return putNumber(out, at, 1, exponent + 1, precision);
	}
	return putNumber(out, at, significant(precision), exponent, precision);
}

function significant(precision: number): number {
	let length = precision;
	while (DIGITS[length - 1] === 0) length--;
	return length;
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
	for (let i = 0; i < digits.length; i++)
		DIGITS[i] = digits.charCodeAt(i) - ZERO;
	return putNumber(
		out,
		at,
		significant(digits.length),
		exponent,
		digits.length,
	);
}

/** `length` digits of `DIGITS` in the form that C's `%g` chooses for this precision, and `.0` behind a whole number. */
function putNumber(
	out: Uint8Array,
	start: number,
	length: number,
	exponent: number,
	precision: number,
): number {
	if (exponent < -4 || exponent >= precision)
		return putScientific(out, start, length, exponent);
	let at = start;
	if (exponent < 0) {
		out[at++] = ZERO;
		out[at++] = POINT;
		for (let i = exponent + 1; i < 0; i++) out[at++] = ZERO;
		return putFraction(out, at, 0, length);
	}
	for (let i = 0; i <= exponent; i++)
		out[at++] = i < length ? ZERO + DIGITS[i] : ZERO;
	out[at++] = POINT;
	if (length > exponent + 1) return putFraction(out, at, exponent + 1, length);
	out[at] = ZERO;
	return at + 1;
}

function putFraction(
	out: Uint8Array,
	start: number,
	from: number,
	length: number,
): number {
	let at = start;
	for (let i = from; i < length; i++) out[at++] = ZERO + DIGITS[i];
	return at;
}

function putScientific(
	out: Uint8Array,
	start: number,
	length: number,
	exponent: number,
): number {
	let at = putFraction(out, start, 0, 1);
	if (length > 1) {
		out[at++] = POINT;
		at = putFraction(out, at, 1, length);
	}
	out[at++] = EXPONENT;
	out[at++] = exponent < 0 ? MINUS : PLUS;
	return putText(out, at, String(Math.abs(exponent)).padStart(2, "0"));
}
