import { Padding } from "../../../../../gen/tflite.js";
import { type Window, windowPads } from "../../../../ops/nn/window.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { type LiteContext, type LiteValue, unfit } from "../../lowering.js";

/** What a window slides over, and the padding that TensorFlow Lite adds by itself. */
export interface Slid {
	readonly value: LiteValue;
	readonly padding: number;
	/** The window as it slides over `value`. */
	readonly window: Window;
}

/** TensorFlow Lite pads by SAME or VALID; a picture that is padded otherwise is padded before, with zeros or another number. */
export function slid(
	context: LiteContext,
	value: LiteValue,
	window: Window,
	padNumber = 0,
): Slid {
	const { padding } = window;
	if (padding === "SAME") return { value, padding: Padding.SAME, window };
	if (padding === "VALID") return { value, padding: Padding.VALID, window };
	const isSame = String(samePads(window, value)) === String(padding);
	if (isSame) return { value, padding: Padding.SAME, window };
	return {
		value: paddedBy(context, value, padding.flat(), padNumber),
		padding: Padding.VALID,
		window: { ...window, padding: "VALID" },
	};
}

function samePads(window: Window, { shape }: LiteValue) {
	return (
		shape && windowPads({ ...window, padding: "SAME" }, shape.slice(1, -1))
	);
}

/** Rows and columns before and after, for each spatial axis. */
function paddedBy(
	{ emit, weight, scalar }: LiteContext,
	value: LiteValue,
	spatial: readonly number[],
	number: number,
): LiteValue {
	const pairs = [0, 0, ...spatial, 0, 0];
	const { shape, dtype } = value;
	if (DTYPES[dtype].kind !== "float" && number !== 0)
		throw unfit(`it is padded with the least ${dtype}`);
	const paddings = weight(
		tensorFromNumbers("int32", [pairs.length / 2, 2], pairs),
	);
	const result = {
		dtype,
		shape: shape?.map((size, axis) =>
			size < 0 ? -1 : size + pairs[2 * axis] + pairs[2 * axis + 1],
		),
	};
	return number === 0
		? emit("PAD", [value, paddings], result)
		: emit("PADV2", [value, paddings, scalar(dtype, number)], result);
}
