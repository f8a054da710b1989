import type { DType } from "../../../../tensor/dtype.js";
import { expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { isFloat, type Reduction, reduced } from "./reduced.js";
import { sortable } from "./sorting.js";

export function largest(reduction: Reduction): OnnxValue {
	return extreme(reduction, "ReduceMax");
}

export function smallest(reduction: Reduction): OnnxValue {
	return extreme(reduction, "ReduceMin");
}

type Op = "ReduceMax" | "ReduceMin";

function extreme(reduction: Reduction, op: Op): OnnxValue {
	const { context, x } = reduction;
	if (isFloat(x)) return ofFloats(reduction, op);
	const range = SHORT[x.dtype];
	if (range !== undefined) return ofShort(reduction, op, range);
	if (!WIDE.has(x.dtype)) return reduced(reduction, op);
	const { value, restored } = sortable(context, x);
	const wide = context.cast(value, "int64");
	const found = ofHalves(reduction, op, wide);
	return restored(x.dtype === "uint32" ? context.cast(found, "uint32") : found);
}

/** ONNX Runtime passes over NaN, TensorFlow does not. */
function ofFloats(reduction: Reduction, op: Op): OnnxValue {
	const { context, x } = reduction;
	const { test, where } = expressions(context);
	const tests = context.cast(test("IsNaN", x), "uint8");
	const isNan = context.cast(reduced(reduction, "ReduceMax", tests), "bool");
	return where(isNan, Number.NaN, reduced(reduction, op));
}

/** What no elements give must fit the type again. */
function ofShort(
	reduction: Reduction,
	op: Op,
	[least, most]: readonly [number, number],
): OnnxValue {
	const { context, x } = reduction;
	const { max, min } = expressions(context);
	const found = reduced(reduction, op, context.cast(x, "int32"));
	return context.cast(max(min(found, most), least), x.dtype);
}

/**
 * The extreme upper half first, then the extreme lower one among those that have it: ONNX Runtime's own kernels compare
 * the lower halves of int64 as if they had signs.
 */
function ofHalves(reduction: Reduction, op: Op, wide: OnnxValue): OnnxValue {
	const { context } = reduction;
	const { add, sub, mul, div, equal, where } = expressions(context);
	const lower = lowerHalf(context, wide);
	const upper = context.cast(div(sub(wide, lower), 2 ** 32), "int32");
	const ordered = context.cast(sub(lower, 2 ** 31), "int32");
	const among = equal(upper, reduced(reduction, op, upper, true));
	const worst = op === "ReduceMax" ? -(2 ** 31) : 2 ** 31 - 1;
	const rest = reduced(reduction, op, where(among, ordered, worst));
	return add(
		mul(context.cast(reduced(reduction, op, upper), "int64"), 2 ** 32),
		add(context.cast(rest, "int64"), 2 ** 31),
	);
}

function lowerHalf({ emit, scalar }: LowerContext, wide: OnnxValue): OnnxValue {
	return emit("BitwiseAnd", [wide, scalar("int64", 2 ** 32 - 1)]);
}

const SHORT: Readonly<
	Partial<Record<DType, readonly [least: number, most: number]>>
> = {
	int16: [-(2 ** 15), 2 ** 15 - 1],
	uint16: [0, 2 ** 16 - 1],
};

const WIDE: ReadonlySet<DType> = new Set(["int64", "uint64", "uint32"]);
