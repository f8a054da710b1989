import { axisLayout, isChannelsLast } from "../../../ops/nn/window.js";
import type { LiteContext, LiteValue } from "../lowering.js";
import { transposed } from "./rows.js";

/** Whether the node's pictures have their channels behind the batch. */
export function isChannelsFirst({ node }: LiteContext): boolean {
	return !isChannelsLast(axisLayout(node));
}

/** A picture with its channels last, as TensorFlow Lite wants it. */
export function picture(context: LiteContext, index: number): LiteValue {
	const value = context.input(index);
	if (!isChannelsFirst(context)) return value;
	return transposed(context, value, toLast(axisLayout(context.node).spatial));
}

/** A picture whose channels are last, in the order of axes that the node has. */
export function inNodeOrder(context: LiteContext, value: LiteValue): LiteValue {
	if (!isChannelsFirst(context)) return value;
	const { spatial } = axisLayout(context.node);
	const rank = spatial.length + 2;
	return transposed(context, value, [
		0,
		rank - 1,
		...spatial.map((_, i) => i + 1),
	]);
}

function toLast(spatial: readonly number[]): number[] {
	return [0, ...spatial, 1];
}
