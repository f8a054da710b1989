import { grows, isSmall, narrowed } from "../arithmetic.js";
import { type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { same } from "./rows.js";

/** Small integers wrap around at each step: squares of squares, multiplied where the exponent has a bit. */
export const power: WebLowering = (context) => {
	const { dtype } = context.outputs[0];
	return isSmall(dtype) ? wrapped(context) : grows(same())(context);
};

const EXPONENT_BITS = 16;

function wrapped(context: WebContext): WebValue {
	const { input, outputs, emit, scalar } = context;
	const { dtype } = outputs[0];
	let [square, rest] = [input(0), input(1)];
	let result = scalar(1);
	for (let bit = 0; bit < EXPONENT_BITS; bit++) {
		const isSet = emit("Cast", [emit("FloorMod", [rest, scalar(2)])], {
			DstT: type("bool"),
		});
		const factor = emit("SelectV2", [isSet, square, scalar(1)], {
			T: type("int32"),
		});
		result = narrowed(context, emit("Mul", [result, factor]), dtype);
		if (bit === EXPONENT_BITS - 1) break;
		square = narrowed(context, emit("Mul", [square, square]), dtype);
		rest = emit("FloorDiv", [rest, scalar(2)], { T: type("int32") });
	}
	return result;
}
