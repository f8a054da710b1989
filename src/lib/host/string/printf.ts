/** A number as C's `%.*f`: exact decimal digits, rounded half to even of the number's exact value. */
export function fixed(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	// toFixed gives exact digits below 1e21, and up to 100 of them
	if (Math.abs(value) < 1e21) return signed(value, value.toFixed(digits));
	const whole = BigInt(value).toString();
	return digits > 0 ? `${whole}.${"0".repeat(digits)}` : whole;
}

/** As C's `%.*e`: at least two digits of exponent. */
export function scientific(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	const [mantissa, exponent] = value.toExponential(digits).split("e");
	const size = Math.abs(Number(exponent)).toString().padStart(2, "0");
	return signed(value, `${mantissa}e${exponent[0]}${size}`);
}

/** As C's `%.*g`: whichever is shorter, without zeros at the end. */
export function general(value: number, digits: number): string {
	if (!Number.isFinite(value)) return special(value);
	const precision = Math.max(1, digits);
	const exponent = Number(value.toExponential(precision - 1).split("e")[1]);
	if (exponent < -4 || exponent >= precision) {
		const [mantissa, power] = scientific(value, precision - 1).split("e");
		return `${withoutZeros(mantissa)}e${power}`;
	}
	return withoutZeros(fixed(value, precision - 1 - exponent));
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
