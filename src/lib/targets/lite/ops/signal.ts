import type { LiteContext, LiteLowering, LiteRow } from "../lowering.js";
import { unfit } from "../lowering.js";
import { knownNumbers } from "./numbers.js";
import { reshaped } from "./rows.js";

/** Lengths that the kernel transforms: powers of two. */
function lengthsOf(context: LiteContext): readonly number[] {
	const lengths = knownNumbers(context, 1, "the length");
	if (lengths.some((length) => !Number.isInteger(Math.log2(length))))
		throw unfit("TensorFlow Lite transforms powers of two only");
	if (context.outputs[0].dtype !== "complex64")
		throw unfit("TensorFlow Lite has complex64 only");
	return lengths;
}

const plane: LiteLowering = (context) => {
	const { input, emit, ints, outputs } = context;
	return emit("RFFT2D", [input(0), ints(lengthsOf(context))], outputs[0]);
};

/** As a plane of one row. */
const line: LiteLowering = (context) => {
	const { input, emit, ints, outputs, inputs } = context;
	const lengths = lengthsOf(context);
	const { shape } = inputs[0];
	const result = outputs[0].shape;
	if (shape === undefined || result === undefined)
		throw unfit("TensorFlow Lite must know how many axes there are");
	const asPlane = (sizes: readonly number[]) => [
		...sizes.slice(0, -1),
		1,
		...sizes.slice(-1),
	];
	const open = shape.filter((size) => size < 0).length;
	if (open > 1) throw unfit("TensorFlow Lite must know all sizes but one");
	const made = emit(
		"RFFT2D",
		[reshaped(context, input(0), asPlane(shape)), ints([1, ...lengths])],
		{ dtype: "complex64", shape: asPlane(result) },
	);
	return emit("SQUEEZE", [made], { dtype: "complex64", shape: result }, [
		"SqueezeOptions",
		{ squeezeDims: [-2] },
	]);
};

export const signalRows: Readonly<Record<string, LiteRow>> = {
	RFFT: line,
	RFFT2D: plane,
};
