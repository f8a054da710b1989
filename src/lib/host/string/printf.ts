/** A number as C's `%.*f`: exact decimal digits, ties rounded to even. */
export function fixed(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	if (Math.abs(value) >= 1e21) {
		const whole = BigInt(value).toString();
		return digits > 0 ? `${whole}.${"0".repeat(digits)}` : whole;
	}
	// toFixed gives exact digits below 1e21, and takes the larger of two numbers that are as near
	const shown = Math.min(digits, MOST_DIGITS);
	const rounded = value.toFixed(shown);
	const text = isTie(value, shown) ? toEven(rounded) : rounded;
	return signed(value, text + "0".repeat(digits - shown));
}

/** As C's `%.*e`: at least two digits of exponent. */
export function scientific(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	const shown = Math.min(digits, MOST_DIGITS);
	const [rounded, exponent] = value.toExponential(shown).split("e");
	const isHalf = isTie(value, shown - Number(exponent));
	const mantissa = isHalf ? toEven(rounded) : rounded;
	const size = Math.abs(Number(exponent)).toString().padStart(2, "0");
	return signed(
		value,
		`${mantissa}${"0".repeat(digits - shown)}e${exponent[0]}${size}`,
	);
}

/** As C's `%.*g`: whichever is shorter, without zeros at the end. */
export function general(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	const precision = Math.max(1, digits);
	const [mantissa, power] = scientific(value, precision - 1).split("e");
	const exponent = Number(power);
	if (exponent < -4 || exponent >= precision)
		return `${withoutZeros(mantissa)}e${power}`;
	return withoutZeros(fixed(value, precision - 1 - exponent));
}

/** What toFixed and toExponential take; numbers that a model prints have no digits but zeros after these. */
const MOST_DIGITS = 100;

/** Whether a number lies in the middle of two that have so many digits after the point: an odd multiple of 5^digits / 2^(digits + 1). */
function isTie(value: number, digits: number): boolean {
	if (digits >= 0) return Math.abs((value * 2 ** (digits + 1)) % 2) === 1;
	if (!Number.isInteger(value)) return false;
	const unit = 10n ** BigInt(-digits);
	const rest = (BigInt(value) * 2n) % (unit * 2n);
	return rest === unit || rest === -unit;
}

/** Digits of a tie that was rounded up: one less where the last is odd, which is never 0. */
function toEven(text: string): string {
	const last = Number(text.at(-1));
	return last % 2 === 1 ? `${text.slice(0, -1)}${last - 1}` : text;
}

function withoutZeros(text: string): string {
	return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function special(value: number): string {
	if (Number.isNaN(value)) return "nan";
	return value > 0 ? "inf" : "-inf";
}

/** JavaScript prints negative zero without its sign. */
function signed(value: number, text: string): string {
	return Object.is(value, -0) || (value < 0 && !text.startsWith("-"))
		? `-${text.replace(/^-/, "")}`
		: text;
}
