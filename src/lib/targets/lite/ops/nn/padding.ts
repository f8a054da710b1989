import { Padding } from "../../../../../gen/tflite.js";
import { type Window, windowPads } from "../../../../ops/nn/window.js";
import { DTYPES, type TypedArray } from "../../../../tensor/dtype.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import type { Tensor } from "../../../../tensor/tensor.js";
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
	const valid = { ...window, padding: "VALID" } as const;
	if (padding === "VALID" || padding.flat().every((count) => count === 0))
		return { value, padding: Padding.VALID, window: valid };
	const isSame = String(samePads(window, value)) === String(padding);
	if (isSame && !isSkipping(window))
		return { value, padding: Padding.SAME, window };
	return {
		value: paddedBy(context, value, padding.flat(), padNumber),
		padding: Padding.VALID,
		window: valid,
	};
}

/** XNNPACK, which the interpreter leaves convolutions to, pads by SAME wrongly where a stride exceeds the window. */
function isSkipping({ kernel, strides }: Window): boolean {
	return kernel.some((size, axis) => size >= 0 && size < strides[axis]);
}

/** The window of a convolution, its padding in numbers where the kernels must not find it themselves. */
export function convolving(window: Window, value: LiteValue): Window {
	if (window.padding !== "SAME" || !isSkipping(window)) return window;
	const padding = samePads(window, value);
	return padding === undefined ? window : { ...window, padding };
}

function samePads(window: Window, { shape }: LiteValue) {
	return (
		shape && windowPads({ ...window, padding: "SAME" }, shape.slice(1, -1))
	);
}

/** Rows and columns before and after, for each spatial axis. */
export function paddedBy(
	{ emit, weight }: LiteContext,
	value: LiteValue,
	spatial: readonly number[],
	number: number | TypedArray,
): LiteValue {
	const pairs = [0, 0, ...spatial, 0, 0];
	const { shape, dtype } = value;
	if (
		DTYPES[dtype].kind !== "float" &&
		typeof number === "number" &&
		number !== 0
	)
		throw unfit(`it is padded with the least ${dtype}`);
	const filling: Tensor =
		typeof number === "number"
			? tensorFromNumbers(dtype, [], [number])
			: { dtype, shape: [], data: number };
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
		: emit("PADV2", [value, paddings, weight(filling)], result);
}
