import { DTYPES, type DType, type DTypeKind } from "../dtype.js";

/** Kinds of types whose numbers are written without point and exponent. */
export const INTEGRAL_KINDS: ReadonlySet<DTypeKind> = new Set([
	"int",
	"bigint",
	"quantized",
]);

/** The least and the greatest integer of a type. */
export function integerRange(dtype: DType): { min: bigint; max: bigint } {
	const { array, bytes } = DTYPES[dtype];
	const bits = 8n * BigInt(bytes);
	return /^(Int|BigInt)/.test(array.name)
		? { min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }
		: { min: 0n, max: 2n ** bits - 1n };
}
