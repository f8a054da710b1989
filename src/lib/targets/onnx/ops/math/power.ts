import type { Expressions } from "../../expression.js";
import type { Lowering, OnnxValue } from "../../lowering.js";
import { byKind, composed, direct } from "./rows.js";

/** Larger exponents of an even base wrap to zero in any type, and those of 1 and -1 repeat. */
const EXPONENT_BITS = 7;

/** ONNX Runtime raises integers in double precision; TensorFlow multiplies them and wraps. */
const integerPower: Lowering = (context) => {
	const exponents = context.constant(1)?.data as
		| ArrayLike<number | bigint>
		| undefined;
	const exponent = exponents?.length === 1 ? Number(exponents[0]) : -1;
	const isShort =
		exponent >= 0 &&
		exponent < 2 ** EXPONENT_BITS &&
		context.inputs[1].shape?.length === 0;
	return composed((e, [x, y]) =>
		isShort ? shortPower(e, x, exponent) : steppedPower(e, x, y, context.emit),
	)(context);
};

export const power = byKind({ integer: integerPower, other: direct("Pow") });

/** Multiplications only, as many as the exponent has binary digits or twice that. */
function shortPower(e: Expressions, x: OnnxValue, exponent: number): OnnxValue {
	if (exponent === 0) return e.add(e.mul(x, 0), 1);
	if (exponent === 1) return e.of("Identity", x);
	const half = shortPower(e, x, Math.floor(exponent / 2));
	const square = e.mul(half, half);
	return exponent % 2 === 1 ? e.mul(square, x) : square;
}

/** Squares step by step, and multiplies the steps whose digit is set in an exponent that is not known yet. */
function steppedPower(
	e: Expressions,
	x: OnnxValue,
	y: OnnxValue,
	emit: (op: string, inputs: readonly OnnxValue[]) => OnnxValue,
): OnnxValue {
	// an exponent below zero fails in TensorFlow: here as a division by zero
	const two = e.where(e.less(y, 0), 0, e.add(e.mul(y, 0), 2));
	const limit = 2 ** (EXPONENT_BITS - 1);
	const parity = emit("Mod", [y, two]);
	let rest = e.where(e.less(y, limit), y, e.add(parity, limit));
	let square = x;
	let result = e.add(e.mul(x, 0), 1);
	for (let bit = 0; bit < EXPONENT_BITS; bit++) {
		const isSet = e.equal(emit("Mod", [rest, two]), 1);
		result = e.where(isSet, e.mul(result, square), result);
		rest = e.div(rest, 2);
		square = e.mul(square, square);
	}
	return result;
}
