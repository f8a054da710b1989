import { fail } from "../../../../errors.js";
import { boolAttr } from "../../../../graph/attrs.js";
import type { DType } from "../../../../tensor/dtype.js";
import { expressions } from "../../expression.js";
import type { OnnxValue } from "../../lowering.js";
import { productAlong } from "./product.js";
import { isFloat, type Reduction, reduced } from "./reduced.js";

export function sum(reduction: Reduction): OnnxValue {
	const { context, x } = reduction;
	if (isFloat(x)) return reduced(reduction, "ReduceSum");
	return context.cast(integerSum(reduction), x.dtype);
}

/**
 * ONNX Runtime adds integers in double precision and does not wrap: exact up to 2^53, so 64 bits are added in two
 * halves. Returns int64, whose lower bits are those of a narrower sum that wraps.
 */
function integerSum(reduction: Reduction): OnnxValue {
	const { context, x } = reduction;
	const wide = context.cast(x, "int64");
	if (x.dtype !== "int64" && x.dtype !== "uint64")
		return reduced(reduction, "ReduceSum", wide);
	const { add, sub, mul, div } = expressions(context);
	const lower = context.emit("BitwiseAnd", [
		wide,
		context.scalar("int64", 2 ** 32 - 1),
	]);
	const upper = div(sub(wide, lower), 2 ** 32);
	return add(
		mul(reduced(reduction, "ReduceSum", upper), 2 ** 32),
		reduced(reduction, "ReduceSum", lower),
	);
}

/** Integers are multiplied one axis after the other, since ONNX Runtime's own product is one of doubles too. */
export function product(reduction: Reduction): OnnxValue {
	const { context, x, shape, known } = reduction;
	if (isFloat(x)) return reduced(reduction, "ReduceProd");
	if (known === undefined || shape === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot lower a product of integers: its axes are not known, and ONNX Runtime's own does not wrap",
		);
	const kept = known.reduce(
		(value, axis) => productAlong(context, value, axis, shape[axis]),
		x,
	);
	return boolAttr(context.node, "keep_dims")
		? kept
		: context.emit("Squeeze", [kept, reduction.axes]);
}

/** The mean of no floats is NaN and that of no integers 0; ONNX Runtime says 0 to both. */
export function mean(reduction: Reduction): OnnxValue {
	const { context, x, isNeverEmpty, isPooling } = reduction;
	if (isPooling && x.dtype === "float32") return pooled(reduction);
	if (isFloat(x) && isNeverEmpty) return reduced(reduction, "ReduceMean");
	const { div, max } = expressions(context);
	if (!isFloat(x)) {
		const total = context.cast(
			integerSum(reduction),
			INTEGERS[x.dtype] ?? "int64",
		);
		const count = context.cast(max(countOf(reduction), 1), total.dtype);
		return context.cast(div(total, count), x.dtype);
	}
	const wide = context.cast(x, x.dtype === "float64" ? "float64" : "float32");
	const total = reduced(reduction, "ReduceSum", wide);
	const count = context.cast(countOf(reduction), wide.dtype);
	return context.cast(div(total, count), x.dtype);
}

/** In which type to divide a sum of integers, if not int64. */
const INTEGERS: Readonly<Partial<Record<DType, DType>>> = { uint64: "uint64" };

/** How many elements become one. */
function countOf({ context: { emit }, x, axes }: Reduction): OnnxValue {
	const sizes = emit("Shape", [x], {}, { dtype: "int64" });
	return emit("ReduceProd", [emit("Gather", [sizes, axes])], { keepdims: 0 });
}

function pooled({ context, x, axes }: Reduction): OnnxValue {
	const average = context.emit("GlobalAveragePool", [x]);
	return boolAttr(context.node, "keep_dims")
		? average
		: context.emit("Squeeze", [average, axes]);
}
