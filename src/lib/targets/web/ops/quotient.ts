import { type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";

/** The plain JavaScript kernel of Abs holds whole numbers in floats. */
export function magnitude(
	{ emit }: Pick<WebContext, "emit">,
	value: WebValue,
): WebValue {
	return emit("Maximum", [value, emit("Neg", [value])]);
}

/** TensorFlow.js divides whole numbers downwards: where something is left and the signs differ that is one less. */
export function truncated(
	context: WebContext,
	x: WebValue,
	y: WebValue,
): WebValue {
	const { inputs, emit } = context;
	const quotient = emit("FloorDiv", [x, y], { T: type(inputs[0].dtype) });
	const rest = emit("FloorMod", [x, y]);
	return emit("AddV2", [quotient, isLess(context, x, y, rest)]);
}

/** What is left has the sign of the number that is divided. */
export function truncatedRest(
	context: WebContext,
	x: WebValue,
	y: WebValue,
): WebValue {
	const { emit } = context;
	const rest = emit("FloorMod", [x, y]);
	return emit("Sub", [rest, emit("Mul", [y, isLess(context, x, y, rest)])]);
}

/** 1 where dividing downwards goes beyond the quotient without its fraction, else 0. */
function isLess(
	{ emit, scalar }: WebContext,
	x: WebValue,
	y: WebValue,
	rest: WebValue,
): WebValue {
	const signs = emit("Mul", [emit("Sign", [x]), emit("Sign", [y])]);
	const differs = emit("LogicalAnd", [
		emit("Less", [signs, scalar(0)]),
		emit("NotEqual", [rest, scalar(0)]),
	]);
	return emit("Cast", [differs], { DstT: type("int32") });
}
