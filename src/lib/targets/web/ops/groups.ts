import { unfit } from "../arithmetic.js";
import { int } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import type { WebAttrs } from "../topology.js";

/** How many groups of channels a convolution has, each with filters of its own; 1 where that is not known. */
export function groupsOf({ node, inputs }: WebContext): number {
	const [picture, filter] = inputs;
	const isFirst = String(node.attrs.data_format ?? "").startsWith("NC");
	const channels = isFirst ? picture.shape?.[1] : picture.shape?.at(-1);
	const taken = filter.shape?.at(-2);
	if (channels === undefined || taken === undefined) return 1;
	return channels > 0 && taken > 0 ? channels / taken : 1;
}

/**
 * A convolution in groups, which TensorFlow.js has not: a depthwise one where each group has one channel, else a convolution a
 * group. `picture` has its channels last.
 */
export function inGroups(
	context: WebContext,
	picture: WebValue,
	groups: number,
	attrs: WebAttrs,
): WebValue {
	const { inputs, input, emit, ints } = context;
	const shape = inputs[1].shape ?? [];
	const [height, width, taken, made] = shape;
	if (shape.some((size) => size < 0))
		throw unfit("TensorFlow.js must know the size of filters in groups");
	if (taken === 1) {
		// the channels that a group makes stand together in both forms
		const depthwise = [height, width, groups, made / groups];
		return emit(
			"DepthwiseConv2dNative",
			[picture, reshapedFilter(context, depthwise)],
			attrs,
		);
	}
	const [pictures, filters] = [picture, input(1)].map((value) =>
		context.emitMany("Split", [ints([3]), value], groups, {
			num_split: int(groups),
		}),
	);
	const parts = pictures.map((part, i) =>
		emit("Conv2D", [part, filters[i]], attrs),
	);
	return emit("ConcatV2", [...parts, ints([3])], { N: int(groups) });
}

/** As a weight of this shape where it is one, so that a bias can be fused. */
function reshapedFilter(
	{ constant, input, emit, ints, weight }: WebContext,
	shape: readonly number[],
): WebValue {
	const held = constant(1);
	return held === undefined
		? emit("Reshape", [input(1), ints(shape)])
		: weight({ ...held, shape });
}
