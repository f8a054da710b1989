import { CODE, isDigit, skipSpace } from "./characters.js";
import { productError } from "./doubles.js";
import type { Source } from "./source.js";
import { latin1, skipNumber } from "./syntax.js";

/** Where numbers go: into `scratch` from `filled` on, until it is full. */
export interface NumberTarget {
	readonly scratch: Float64Array;
	filled: number;
	/** The numbers become float32, so that more precision is not worth its time. */
	readonly single: boolean;
	/** Numbers must be written without point and exponent. */
	readonly integral: boolean;
	readonly min: number;
	readonly max: number;
}

/** The list that the elements being read are in. */
export interface InnerList {
	/** How long it must be; `ANY_SIZE` where that is not known yet. */
	size: number;
	/** How many of its elements are still to be read. */
	left: number;
	/** It is one of several in an outer list, and after its end the next one may be read. */
	nested: boolean;
	/** How many lists were ended so. */
	ended: number;
}

export const ANY_SIZE = 2 ** 30;

/**
 * Reads the number at `at` and, while commas follow, those after it, in this list and in those that follow it at once.
 * Returns the offset behind the last one, or `~offset` of a value that is not such a number. What is written is rounded once, to the nearest double; for a
 * `single` target to a double that rounds to the same float32.
 *
 * Up to eight digits are gathered in `head` and up to eleven more in `tail`, four bytes at a time, both exact. A number
 * that does not fit, has an exponent or lies at the very end of the body goes the long way. This is the hottest loop of
 * the server: one function, since a call for each number takes a third of the time.
 */
export function readNumbers(
	{ bytes, view, lastWord }: Source,
	from: number,
	target: NumberTarget,
	list: InnerList,
): number {
	const { scratch, single, integral, min, max } = target;
	const { size, nested } = list;
	let { left } = list;
	let { filled } = target;
	let ended = 0;
	let at = from;
	for (;;) {
		const start = at;
		let code = bytes[at];
		const negative = code === MINUS;
		if (negative) code = bytes[++at];
		let head = 0;
		let digits = 0;
		let usual = at <= lastWord && code >= ZERO && code <= NINE;
		if (code === ZERO) code = bytes[++at];
		else if (usual) {
			const word = view.getInt32(at, true) ^ ZEROS;
			digits = digitCount(word);
			head = digitValue(word, digits);
			at += digits;
			code = bytes[at];
			while (
				digits >= 4 &&
				digits < MAX_EXACT &&
				code >= ZERO &&
				code <= NINE
			) {
				head = head * 10 + (code - ZERO);
				digits++;
				code = bytes[++at];
			}
		}
		let value = head;
		if (code === DOT && usual && !integral) {
			const point = at++;
			if (head === 0) while (bytes[at] === ZERO) at++;
			let tail = 0;
			let more = 0;
			for (let count = 4; count === 4 && at <= lastWord; at += count) {
				const word = view.getInt32(at, true) ^ ZEROS;
				count = digitCount(word);
				if (digits <= 4 && more === 0) {
					head = head * POWERS[count] + digitValue(word, count);
					digits += count;
				} else {
					tail = tail * POWERS[count] + digitValue(word, count);
					more += count;
				}
			}
			code = bytes[at];
			const scale = at - point - 1;
			usual = scale > 0 && scale < POWERS.length && more <= MAX_TAIL;
			if (usual) value = (head * POWERS[more] + tail) / POWERS[scale];
			if (usual && (digits + more > MAX_EXACT || scale > MAX_EXACT_POWER))
				value = single
					? settled(value)
					: exactQuotient(head, digits, tail, more, scale);
		}
		if (negative) value = -value;
		if (usual && ENDS_NUMBER[code] === 1 && value >= min && value <= max)
			scratch[filled] = value;
		else {
			at = readOddNumber(bytes, start, target, filled);
			if (at < 0) {
				at = ~start;
				break;
			}
			code = bytes[at];
		}
		left--;
		if (++filled === scratch.length) break;
		if (code === COMMA && left > 0) at = skipSpace(bytes, at + 1);
		else if (code === CLOSE_LIST && left === 0 && nested) {
			const next = nextList(bytes, at);
			if (next < 0) break;
			at = next;
			left = size;
			ended++;
		} else break;
	}
	target.filled = filled;
	list.left = left;
	list.ended = ended;
	return at;
}

/** The offset of the first element of a list that follows the one that ends at `at`; -1 where anything else follows. */
function nextList(bytes: Uint8Array, at: number): number {
	if (bytes[at + 1] !== COMMA) return -1;
	const next = bytes[at + 2] === OPEN_LIST ? at + 2 : skipSpace(bytes, at + 2);
	return bytes[next] === OPEN_LIST ? skipSpace(bytes, next + 1) : -1;
}

const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** What may follow a number; after anything else it was none, or has a form that is not usual. */
const ENDS_NUMBER = Uint8Array.from({ length: 256 }, (_, code) =>
	", \n\r\t]}".includes(String.fromCharCode(code)) ? 1 : 0,
);

/** Digits that a double holds exactly, whatever they are; a power of ten that is exact as a double. */
const MAX_EXACT = 15;
const MAX_EXACT_POWER = 22;

/** Eight digits times ten to this are exact: 27 bits times 5^11, which has 26. */
const MAX_TAIL = 11;
const MAX_HEAD = 8;

const POWERS = Float64Array.from({ length: 61 }, (_, i) => Number(`1e${i}`));

/** Four characters "0", which turn digits into their values. */
const ZEROS = 0x30303030;

/** How many bytes of a word, the first ones, are below ten. */
function digitCount(word: number): number {
	const others = ((word + 0x76767676) | word) & 0x80808080;
	return others === 0 ? 4 : (31 - Math.clz32(others & -others)) >> 3;
}

/** The value of the first `count` digits of a word: they are moved to its end, which puts zeros before them. */
function digitValue(word: number, count: number): number {
	if (count === 0) return 0;
	const digits = word << (32 - 8 * count);
	const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff;
	return (pairs * 100 + (pairs >>> 16)) & 0xffff;
}

/** A double after at most four roundings of 2^-53, if it is sure which float32 is nearest; else NaN. */
function settled(value: number): number {
	return Math.fround(value * (1 + 2 ** -50)) ===
		Math.fround(value * (1 - 2 ** -50))
		? value
		: NaN;
}

/**
 * (head × 10^more + tail) / 10^scale, correctly rounded, or NaN where that cannot be told: a division whose error is
 * carried on (Dekker 1971).
 */
function exactQuotient(
	head: number,
	digits: number,
	tail: number,
	more: number,
	scale: number,
): number {
	if (digits > MAX_HEAD || scale > MAX_EXACT_POWER) return NaN;
	const upper = head * POWERS[more];
	const divisor = POWERS[scale];
	const sum = upper + tail;
	const lost = tail - (sum - upper);
	const quotient = sum / divisor;
	const product = quotient * divisor;
	const excess = productError(quotient, divisor, product);
	const correction = (sum - product - excess + lost) / divisor;
	const value = quotient + correction;
	const doubt = Math.abs(correction) * 2 ** -48;
	return quotient + (correction + doubt) === value &&
		quotient + (correction - doubt) === value
		? value
		: NaN;
}

/** Any number that the grammar has, by way of its text. */
function readOddNumber(
	bytes: Uint8Array,
	from: number,
	{ scratch, integral, min, max }: NumberTarget,
	filled: number,
): number {
	if (!startsNumber(bytes[from])) return -1;
	const end = skipNumber(bytes, from);
	const text = latin1(bytes, from, end);
	if (integral && !/^-?\d+$/.test(text)) return -1;
	const value = numberOf(text);
	if (value < min || value > max) return -1;
	scratch[filled] = value;
	return end;
}

export function startsNumber(code: number | undefined): boolean {
	return (
		isDigit(code) ||
		code === CODE.MINUS ||
		code === CODE.NAN ||
		code === CODE.INFINITY
	);
}

/** The number that a token stands for: `-1.5e3`, `NaN`, `-Inf`, `Infinity`. */
export function numberOf(token: string): number {
	if (token.includes("N")) return NaN;
	if (token.includes("I")) return token.startsWith("-") ? -Infinity : Infinity;
	return Number(token);
}

/** Whether rapidjson keeps a token as an integer: it has no point and no exponent, and fits 64 bits, signed or not. */
export function isInteger(token: string): boolean {
	return (
		token.length <= 20 &&
		/^-?\d+$/.test(token) &&
		BigInt(token) <= 2n ** 64n - 1n &&
		BigInt(token) >= -(2n ** 63n)
	);
}
