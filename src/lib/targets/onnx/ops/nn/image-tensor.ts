import type { AxisLayout } from "../../../../ops/nn/window.js";
import { isChannelsLast } from "../../../../ops/nn/window.js";
import { transposedConstant } from "../../../../tensor/constant.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** Input `index` as ONNX wants images: the channels behind the batch. */
export function imageInput(
	context: LowerContext,
	index: number,
	layout: AxisLayout,
): OnnxValue {
	if (!isChannelsLast(layout)) return context.input(index);
	return context.channelsFirst(index, layout.spatial.length + 2);
}

/** An image that ONNX made, as a value of the Program. */
export function imageOutput(value: OnnxValue, layout: AxisLayout): OnnxValue {
	return isChannelsLast(layout) ? { ...value, channelsFirst: true } : value;
}

/** Input `index` with its axes in another order; a constant is transposed now, once for all who ask. */
export function permuted(
	context: LowerContext,
	index: number,
	order: readonly number[],
): OnnxValue {
	return (
		context.derived(index, `transpose ${order}`, (constant) =>
			transposedConstant(constant, order),
		) ?? context.emit("Transpose", [context.input(index)], { perm: order })
	);
}
