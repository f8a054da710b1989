import type { LiteOp } from "../../lite/schema.js";
import { arithmetic } from "./arithmetic.js";
import type {
	AnyOptions,
	LiteContext,
	LiteResult,
	LiteValue,
} from "./lowering.js";

/** Operators for which it matters which of two numbers is larger. */
export const ORDERED: ReadonlySet<LiteOp> = new Set([
	"MAXIMUM",
	"MINIMUM",
	"REDUCE_MAX",
	"REDUCE_MIN",
	"LESS",
	"LESS_EQUAL",
	"GREATER",
	"GREATER_EQUAL",
	"TOPK_V2",
]);

/** An operator of uint64, which has no kernels, on the numbers of int64 that are in the same order. */
export function ordered(
	context: LiteContext,
	op: LiteOp,
	inputs: readonly (LiteValue | undefined)[],
	results: readonly LiteResult[],
	options?: AnyOptions,
): readonly LiteValue[] {
	const made = context.emitMany(
		op,
		inputs.map((input) =>
			input?.dtype === "uint64"
				? turnedOver(context, context.cast(input, "int64"))
				: input,
		),
		results.map((result) =>
			result.dtype === "uint64" ? { ...result, dtype: "int64" } : result,
		),
		options,
	);
	return made.map((value, i) =>
		results[i].dtype === "uint64"
			? context.cast(turnedOver(context, value), "uint64")
			: value,
	);
}

const LEAST = -(2 ** 63);

/** The bits of a number with the first one exchanged; no sum on the way is beyond 64 bits. */
function turnedOver(context: LiteContext, bits: LiteValue): LiteValue {
	const { less, choose, add, sub, max, min } = arithmetic(context);
	return choose(
		less(bits, 0),
		sub(min(bits, -1), LEAST),
		add(max(bits, 0), LEAST),
	);
}

/** Bits of uint64, held as int64, as float32. */
export function floatOfBits(context: LiteContext, bits: LiteValue): LiteValue {
	const { less, choose, add } = arithmetic(context);
	const signed = context.cast(bits, "float32");
	return choose(less(signed, 0), add(signed, 2 ** 64), signed);
}

/** The bits of uint64, held as int64, of a number of float32. */
export function bitsOfFloat(
	context: LiteContext,
	number: LiteValue,
): LiteValue {
	const { less, choose, add, sub, max } = arithmetic(context);
	const fits = less(number, 2 ** 63);
	const signed = context.cast(
		choose(fits, number, sub(number, 2 ** 63)),
		"int64",
	);
	return choose(fits, signed, add(max(signed, 0), LEAST));
}
