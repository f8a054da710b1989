/** log(e^a + e^b). */
export function logSum(a: number, b: number): number {
	if (a === -Infinity) return b;
	if (b === -Infinity) return a;
	return a > b
		? a + Math.log1p(Math.exp(b - a))
		: b + Math.log1p(Math.exp(a - b));
}

/** log Σ e^x over `count` numbers. */
export function logSumOf(
	values: ArrayLike<number>,
	start: number,
	count: number,
): number {
	let highest = -Infinity;
	for (let k = start; k < start + count; k++)
		highest = Math.max(highest, values[k]);
	let sum = 0;
	for (let k = start; k < start + count; k++)
		sum += Math.exp(values[k] - highest);
	return highest + Math.log(sum);
}
