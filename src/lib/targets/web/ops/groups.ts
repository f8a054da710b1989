import { int, type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import type { WebAttrs } from "../topology.js";
import { countTo, sizeOf } from "./counting.js";

/** How many groups of channels a convolution has, each with filters of its own; 1 where that is not known. */
export function groupsOf({
	node,
	inputs,
}: Pick<WebContext, "node" | "inputs">): number {
	const [picture, filter] = inputs;
	const isFirst = String(node.attrs.data_format ?? "").startsWith("NC");
	const channels = isFirst ? picture.shape?.[1] : picture.shape?.at(-1);
	const taken = filter.shape?.at(-2);
	if (channels === undefined || taken === undefined) return 1;
	return channels > 0 && taken > 0 ? channels / taken : 1;
}

/** Whether only the run shows how many groups there are, or how large their filters. */
export function needsWholeFilter({ node, inputs }: WebContext): boolean {
	const [picture, filter] = inputs;
	const isFirst = String(node.attrs.data_format ?? "").startsWith("NC");
	const channels = isFirst ? picture.shape?.[1] : picture.shape?.at(-1);
	const isKnown = (channels ?? -1) > 0 && (filter.shape?.at(-2) ?? -1) > 0;
	const isWhole = filter.shape?.every((size) => size >= 0) === true;
	return !isKnown || (groupsOf({ node, inputs }) > 1 && !isWhole);
}

/** A filter of groups as one of all channels: it has zeros for those of other groups. */
export function wholeFilter(context: WebContext, picture: WebValue): WebValue {
	const { input, inputs, emit, ints, scalar } = context;
	const { dtype } = inputs[1];
	const channels = sizeOf(context, picture, 3);
	const taken = sizeOf(context, input(1), 2);
	const groups = emit("FloorDiv", [channels, taken]);
	const made = emit("FloorDiv", [sizeOf(context, input(1), 3), groups]);
	const repeats = emit(
		"ConcatV2",
		[ints([1, 1]), emit("Reshape", [groups, ints([1])]), ints([1]), scalar(0)],
		{ N: int(3) },
	);
	const repeated = emit("Tile", [input(1), repeats]);
	const groupOf = (axis: number, size: WebValue) =>
		emit("FloorDiv", [countTo(context, sizeOf(context, repeated, axis)), size]);
	const isOwn = emit("Equal", [
		emit("ExpandDims", [groupOf(2, taken), scalar(1)]),
		groupOf(3, made),
	]);
	return emit("SelectV2", [isOwn, repeated, scalar(0, dtype)], {
		T: type(dtype),
	});
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
