/** The number of a version folder's name, leading zeros allowed; undefined for any other name, so for temporary ones. */
export function parseVersion(name: string): bigint | undefined {
	if (!/^\d{1,40}$/.test(name)) return undefined;
	const version = BigInt(name);
	return version <= MAX_VERSION ? version : undefined;
}

/** An int64, as TensorFlow Serving has it: timestamps of 17 digits are beyond what a number holds. */
export const MAX_VERSION = 2n ** 63n - 1n;

/** Ascending. */
export function byVersion(a: bigint, b: bigint): number {
	return a < b ? -1 : Number(a > b);
}
