import { fail, type MlshipError } from "../lib/errors.js";

/** Reads what stands behind a flag, whose name it is given for errors; fails with INVALID. */
export type Reader<T> = (text: string, flag: string) => T;

export const text: Reader<string> = (value) => value;

/** TensorFlow's flags know `true` and `false` alone (command_line_flags.cc); variables are also written as 1 and 0. */
export const bool: Reader<boolean> = (value, flag) => {
	const read = BOOLS.get(value);
	if (read === undefined) throw unusable(flag, value, "true or false");
	return read;
};

const BOOLS = new Map([
	["true", true],
	["1", true],
	["false", false],
	["0", false],
]);

/** A whole number within limits. */
export function whole(least: number, most: number): Reader<number> {
	return (value, flag) => {
		const number = Number(value);
		if (!/^[+-]?\d+$/.test(value) || number < least || number > most)
			throw unusable(flag, value, `a number from ${least} to ${most}`);
		return number;
	};
}

export const INT32_MAX = 2 ** 31 - 1;

/** TensorFlow Serving's counts, of which 0 has a meaning of its own. */
export const count = whole(0, INT32_MAX);

/** TensorFlow Serving's times, of which negative ones mean never or at once. */
export const span = whole(-(2 ** 53 - 1), 2 ** 53 - 1);

export const real: Reader<number> = (value, flag) => {
	const number = Number(value);
	if (value.trim() === "" || !Number.isFinite(number))
		throw unusable(flag, value, "a number");
	return number;
};

export function oneOf<const T extends string>(
	choices: readonly T[],
): Reader<T> {
	return (value, flag) => {
		const choice = choices.find((candidate) => candidate === value);
		if (choice === undefined) throw unusable(flag, value, choices.join(" or "));
		return choice;
	};
}

/** A time as 30s, 500ms or 2m, in milliseconds; a number alone counts seconds. */
export const duration: Reader<number> = (value, flag) => {
	const [, digits, unit = ""] =
		/^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value.trim()) ?? [];
	const number = Math.round(
		Number(digits) * (SPANS[unit.toLowerCase()] ?? Number.NaN),
	);
	if (!(number >= 0 && number <= INT32_MAX))
		throw unusable(flag, value, "a time from 0 to 24 days, as 30s or 500ms");
	return number;
};

const SPANS: Readonly<Record<string, number>> = {
	"": 1000,
	ms: 1,
	s: 1000,
	m: 60_000,
	min: 60_000,
	h: 3_600_000,
};

/** Bytes, as 1048576 or 64MiB. */
export const bytes: Reader<number> = (value, flag) => {
	const [, digits, unit = ""] = /^(\d+)\s*([a-z]*)$/i.exec(value.trim()) ?? [];
	const number = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
	if (!(number > 0 && number <= MOST_BYTES))
		throw unusable(
			flag,
			value,
			`bytes from 1 to ${MOST_BYTES}, as 1048576 or 64MiB`,
		);
	return number;
};

const UNITS: Readonly<Record<string, number>> = {
	"": 1,
	b: 1,
	k: 1024,
	kb: 1000,
	kib: 1024,
	m: 1024 ** 2,
	mb: 1000 ** 2,
	mib: 1024 ** 2,
	g: 1024 ** 3,
	gb: 1000 ** 3,
	gib: 1024 ** 3,
};

/** Node's largest buffer is larger, but not by much on all platforms. */
const MOST_BYTES = 2 ** 31 - 1;

function unusable(flag: string, value: string, wanted: string): MlshipError {
	return fail("INVALID", `cannot use ${flag} ${value}: wanted ${wanted}`);
}
