import { type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";

/** TensorFlow.js divides whole numbers downwards: the quotient of their sizes has the sign that theirs have together. */
export function truncated(
	{ inputs, emit }: WebContext,
	x: WebValue,
	y: WebValue,
): WebValue {
	const size = emit("FloorDiv", [emit("Abs", [x]), emit("Abs", [y])], {
		T: type(inputs[0].dtype),
	});
	return emit("Mul", [
		size,
		emit("Mul", [emit("Sign", [x]), emit("Sign", [y])]),
	]);
}
