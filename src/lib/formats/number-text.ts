/**
 * Numbers in text as C's strtod and strtoll read them, whole texts only: white space around them, a sign, and for floats
 * also hexadecimals, `inf`, `infinity` and `nan`, in any case. One character a byte. Undefined for what is no number.
 */
export function readFloat(text: string): number | undefined {
	const decimal = DECIMAL.exec(text);
	if (decimal !== null) return Number(decimal[1]);
	const special = SPECIAL.exec(text);
	if (special === null) return undefined;
	const [, sign, name, whole, fraction, exponent] = special;
	const size =
		name === undefined
			? hexadecimal(whole ?? "", fraction ?? "", Number(exponent ?? 0))
			: name.toLowerCase().startsWith("inf")
				? Number.POSITIVE_INFINITY
				: Number.NaN;
	return sign === "-" && size !== undefined ? -size : size;
}

export function readInt32(text: string): number | undefined {
	const number = Number(INTEGER.exec(text)?.[1]);
	return number === (number | 0) ? number | 0 : undefined;
}

export function readInt64(text: string): bigint | undefined {
	const digits = INTEGER.exec(text)?.[1];
	if (digits === undefined) return undefined;
	// BigInt takes no plus sign
	const integer = BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
	return integer === BigInt.asIntN(64, integer) ? integer : undefined;
}

const INTEGER = /^[ \t-\r]*([+-]?\d+)[ \t-\r]*$/;
const DECIMAL =
	/^[ \t-\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t-\r]*$/;
const SPECIAL =
	/^[ \t-\r]*([+-]?)(?:(inf(?:inity)?|nan(?:\(\w*\))?)|0x([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?)[ \t-\r]*$/i;

function hexadecimal(
	whole: string,
	fraction: string,
	exponent: number,
): number | undefined {
	const digits = whole + fraction;
	return digits === ""
		? undefined
		: Number(`0x${digits}`) * 2 ** (exponent - 4 * fraction.length);
}
