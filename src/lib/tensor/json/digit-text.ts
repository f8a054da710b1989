/** The decimal digits of one number that is being written. One is enough, as a number is written to its end. */
const DIGITS = new Uint8Array(20);

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const EXPONENT = 0x65;

/** Sets `count` digits from digit `from` on to those of an integer below 2^31, zeros in front. */
export function setDigits(from: number, count: number, integer: number): void {
	let rest = integer | 0;
	let place = from + count - 1;
	for (; place > from; place -= 2) {
		const hundreds = (rest / 100) | 0;
		const pair = rest - hundreds * 100;
		DIGITS[place - 1] = TENS[pair];
		DIGITS[place] = ONES[pair];
		rest = hundreds;
	}
	if (place === from) DIGITS[from] = rest;
}

const TENS = Uint8Array.from({ length: 100 }, (_, pair) =>
	Math.floor(pair / 10),
);
const ONES = Uint8Array.from({ length: 100 }, (_, pair) => pair % 10);

/**
 * Writes the first `precision` digits in the form that C's `%g` chooses for them, and `.0` behind a whole number.
 * `exponent` is the power of ten of the first digit. Returns the offset behind.
 */
export function putDigits(
	out: Uint8Array,
	start: number,
	precision: number,
	exponent: number,
): number {
	let length = precision;
	while (DIGITS[length - 1] === 0) length--;
	if (exponent < -4 || exponent >= precision)
		return putScientific(out, start, length, exponent);
	let at = start;
	if (exponent < 0) {
		out[at++] = ZERO;
		out[at++] = POINT;
		for (let i = exponent + 1; i < 0; i++) out[at++] = ZERO;
		return putRest(out, at, 0, length);
	}
	for (let i = 0; i <= exponent; i++)
		out[at++] = i < length ? ZERO + DIGITS[i] : ZERO;
	out[at++] = POINT;
	if (length > exponent + 1) return putRest(out, at, exponent + 1, length);
	out[at] = ZERO;
	return at + 1;
}

function putRest(
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
	let at = putRest(out, start, 0, 1);
	if (length > 1) {
		out[at++] = POINT;
		at = putRest(out, at, 1, length);
	}
	out[at++] = EXPONENT;
	out[at++] = exponent < 0 ? MINUS : PLUS;
	return putText(out, at, String(Math.abs(exponent)).padStart(2, "0"));
}

/** Text of ASCII characters; returns the offset behind. */
export function putText(out: Uint8Array, at: number, text: string): number {
	for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
	return at + text.length;
}
