import { narrowed } from "../arithmetic.js";
import { bool, type } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";

/** All bits but the one of the sign. */
const PLACES = Array.from({ length: 31 }, (_, i) => 2 ** i);

/**
 * Two whole numbers bit by bit: TensorFlow.js 4.22 looks for the inputs of its own operation under other names than it reads
 * them. Each bit is the parity of what is left of a number that is divided by a power of two, also below zero.
 */
export function bitwise(joined: "Mul" | "Maximum" | "NotEqual"): WebLowering {
	return (context) => {
		const { input, outputs, emit, ints, scalar } = context;
		const [x, y] = [0, 1].map((i) => bitsOf(context, input(i)));
		const bits = emit("Cast", [emit(joined, [x, y])], { DstT: type("int32") });
		const weighted = emit("Mul", [bits, ints([...PLACES, -(2 ** 31)])]);
		const sum = emit("Sum", [weighted, scalar(-1)], { keep_dims: bool(false) });
		return narrowed(context, sum, outputs[0].dtype);
	};
}

/** An axis of bits behind the others, the sign last. */
function bitsOf({ emit, ints, scalar }: WebContext, value: WebValue): WebValue {
	const half = emit(
		"FloorDiv",
		[emit("ExpandDims", [value, scalar(-1)]), ints([...PLACES, 2 ** 30])],
		{ T: type("int32") },
	);
	const rest = emit("FloorDiv", [half, ints([...PLACES.map(() => 1), 2])], {
		T: type("int32"),
	});
	return emit("FloorMod", [rest, scalar(2)]);
}

/** Minus one minus the number has each bit turned over. */
export const inverted: WebLowering = (context) => {
	const { input, outputs, emit, scalar } = context;
	return narrowed(
		context,
		emit("Sub", [scalar(-1), input(0)]),
		outputs[0].dtype,
	);
};
