import type { Expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { composed, isIntegral } from "./rows.js";

/** Divides; integers towards zero. Dividing an integer by zero fails in ONNX Runtime as in TensorFlow. */
export const divide = composed((e, [x, y], context) => {
	if (!isIntegral(context)) return e.div(x, y);
	const safe = safeOperands(e, x, y, context);
	return e.div(safe.x, safe.y);
});

/** Divides towards minus infinity. */
export const floorDivide = composed((e, [x, y], context) => {
	if (!isIntegral(context)) return e.of("Floor", e.div(x, y));
	const safe = safeOperands(e, x, y, context);
	const quotient = e.div(safe.x, safe.y);
	if (isUnsigned(context)) return quotient;
	const rest = e.sub(safe.x, e.mul(quotient, safe.y));
	const isAbove = hasOtherSign(e, rest, safe.y);
	return e.sub(quotient, context.cast(isAbove, x.dtype));
});

/** The rest of a division towards minus infinity: it has the divisor's sign. */
export const floorModulo = composed((e, [x, y], context) => {
	if (isIntegral(context))
		return context.emit("Mod", [x, safeOperands(e, x, y, context).y]);
	const rest = context.emit("Mod", [x, y], { fmod: 1 });
	return e.where(hasOtherSign(e, rest, y), e.add(rest, y), rest);
});

/** The rest of a division towards zero: it has the dividend's sign. ONNX's own form goes through double precision. */
export const truncateModulo = composed((e, [x, y], context) => {
	if (!isIntegral(context)) return context.emit("Mod", [x, y], { fmod: 1 });
	const safe = safeOperands(e, x, y, context);
	return e.sub(safe.x, e.mul(e.div(safe.x, safe.y), safe.y));
});

/** Divides floats too towards zero. */
export const truncateDivide = composed((e, [x, y], context) => {
	if (isIntegral(context)) {
		const safe = safeOperands(e, x, y, context);
		return e.div(safe.x, safe.y);
	}
	const quotient = e.div(x, y);
	return e.where(
		e.less(quotient, 0),
		e.of("Ceil", quotient),
		e.of("Floor", quotient),
	);
});

/**
 * The smallest integer divided by -1 is a fault of the processor, which ends ONNX Runtime's process; TensorFlow divides
 * -x by 1 instead (kernels/cwise_ops.h, safe_div_or_mod_op), and so do we unless the divisor is known to be another.
 */
function safeOperands(
	{ equal, where, sub }: Expressions,
	x: OnnxValue,
	y: OnnxValue,
	context: LowerContext,
): { x: OnnxValue; y: OnnxValue } {
	if (!canFault(context)) return { x, y };
	const isMinusOne = equal(y, -1);
	return {
		x: where(isMinusOne, sub(0, x), x),
		y: where(isMinusOne, 1, y),
	};
}

/** Narrower integers are divided as wider ones, where no quotient is too large. */
function canFault({ inputs: [{ dtype }], constant }: LowerContext): boolean {
	if (dtype !== "int32" && dtype !== "int64") return false;
	const divisor = constant(1)?.data as ArrayLike<number | bigint> | undefined;
	return divisor === undefined || Array.from(divisor, Number).includes(-1);
}

/** Whether a rest is not zero and of another sign than the divisor, so that the quotient was rounded up. */
function hasOtherSign(
	{ and, not, equal, xor, less }: Expressions,
	rest: OnnxValue,
	divisor: OnnxValue,
): OnnxValue {
	return and(not(equal(rest, 0)), xor(less(rest, 0), less(divisor, 0)));
}

function isUnsigned({ inputs: [{ dtype }] }: LowerContext): boolean {
	return dtype.startsWith("u");
}
