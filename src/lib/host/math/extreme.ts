import type { BinaryRule } from "../elementwise.js";

/** The larger of two, NaN if one of them is. */
export const maximum = {
	float: Math.max,
	int: Math.max,
	bigint: (a: bigint, b: bigint): bigint => (a > b ? a : b),
	narrow: Math.max,
} satisfies BinaryRule;

/** The smaller of two, NaN if one of them is. */
export const minimum = {
	float: Math.min,
	int: Math.min,
	bigint: (a: bigint, b: bigint): bigint => (a < b ? a : b),
	narrow: Math.min,
} satisfies BinaryRule;
