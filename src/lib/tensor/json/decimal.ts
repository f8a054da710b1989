export interface Decimal {
	/** As many as were asked for, the first one not zero. */
	readonly digits: string;
	/** The power of ten of the first digit. */
	readonly exponent: number;
}

/**
 * The nearest decimal number of so many digits, ties to even, as C's printf rounds. `toExponential` is exact but rounds
 * ties up (ECMAScript, Number.prototype.toExponential: "pick the larger n").
 */
export function digitsOfPrecision(
	magnitude: number,
	precision: number,
): Decimal {
	const rounded = parse(magnitude.toExponential(precision - 1));
	const last = Number(rounded.digits.at(-1));
	if (last % 2 === 0 || !isTie(magnitude, precision)) return rounded;
	return { ...rounded, digits: `${rounded.digits.slice(0, -1)}${last - 1}` };
}

/** Whether nothing but a five follows the first digits. No number that is not a tie comes as near to one as 100 digits tell. */
function isTie(magnitude: number, precision: number): boolean {
	if (!magnitude.toExponential(precision).includes("5e")) return false;
	const { digits } = parse(magnitude.toExponential(100));
	return /^50*$/.test(digits.slice(precision));
}

function parse(text: string): Decimal {
	const [mantissa, exponent] = text.split("e");
	return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}
