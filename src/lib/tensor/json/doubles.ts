/** What rounding took from a product of two doubles, exactly (Dekker 1971); both must be far from the largest double. */
export function productError(a: number, b: number, product: number): number {
	const aHigh = highPart(a);
	const aLow = a - aHigh;
	const bHigh = highPart(b);
	const bLow = b - bHigh;
	return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** The upper 26 bits of a double's 53. */
function highPart(value: number): number {
	const scaled = value * (2 ** 27 + 1);
	return scaled - (scaled - value);
}
