import {
	type AxisLayout,
	axisLayout,
	isChannelsLast,
	windowOf,
} from "../../../../ops/nn/window.js";
import { type Expressions, expressions } from "../../expression.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { zeroOf } from "../array/zero.js";

/** What one convolution is made of while its sizes show only at run time; they are vectors of one int64. */
interface Sliding {
	readonly context: LowerContext;
	readonly e: Expressions;
	readonly layout: AxisLayout;
	/** The sizes of the filter, one an axis. */
	readonly filter: readonly OnnxValue[];
	/** How far the window reaches along each spatial axis. */
	readonly reach: readonly OnnxValue[];
	readonly strides: readonly number[];
	readonly dilations: readonly number[];
}

/**
 * A convolution with a filter whose sizes, or whose groups of channels, show only at run time: all that the window sees is
 * gathered for each of its places, and one matrix product takes it. For files; the host of an engine is faster.
 */
export const gatheredConvolution: Lowering = (context) =>
	convolved(context, groupedFilter);

/** [H,W,C,M]: each channel has filters of its own. */
export const gatheredDepthwise: Lowering = (context) =>
	convolved(context, depthwiseFilter);

function convolved(
	context: LowerContext,
	wholeFilter: (sliding: Sliding, channels: OnnxValue) => OnnxValue,
): OnnxValue {
	const { node, emit, ints, input } = context;
	const layout = axisLayout(node);
	const rank = layout.spatial.length;
	const { strides, dilations } = windowOf(
		node,
		layout,
		layout.spatial.map(() => -1),
	);
	const e = expressions(context);
	const filter = Array.from({ length: rank + 2 }, (_, axis) =>
		sizeOf(context, input(1), axis),
	);
	const reach = dilations.map((dilation, axis) =>
		e.add(e.mul(e.sub(filter[axis], 1), dilation), 1),
	);
	const sliding = { context, e, layout, filter, reach, strides, dilations };
	const behind = layout.spatial.map((_, axis) => axis + 1);
	const image = isChannelsLast(layout)
		? input(0)
		: emit("Transpose", [input(0)], {
				perm: [0, ...behind.map((a) => a + 1), 1],
			});
	const whole = padded(sliding, image);
	const channels = sizeOf(context, whole, rank + 1);
	const pixels = windowed(sliding, whole);
	const weights = emit("Reshape", [
		wholeFilter(sliding, channels),
		emit("Concat", [product(sliding, channels), ints([-1])], { axis: 0 }),
	]);
	const result = emit("MatMul", [pixels, weights]);
	return isChannelsLast(layout)
		? result
		: emit("Transpose", [result], { perm: [0, rank + 1, ...behind] });
}

function sizeOf(
	{ emit }: LowerContext,
	value: OnnxValue,
	axis: number,
): OnnxValue {
	const range = { start: axis, end: axis + 1 };
	return emit("Shape", [value], range, { dtype: "int64" });
}

/** How many numbers the window sees. */
function product({ e, filter }: Sliding, channels: OnnxValue): OnnxValue {
	return filter.slice(0, -2).reduce(e.mul, channels);
}

/** The image [batch, spatial…, channels] with its padding. */
function padded(sliding: Sliding, image: OnnxValue): OnnxValue {
	const { context, e, layout, reach, strides } = sliding;
	const { emit, ints, node } = context;
	const { padding } = windowOf(
		node,
		layout,
		layout.spatial.map(() => -1),
	);
	if (padding === "VALID") return image;
	const pads = layout.spatial.map((_, axis) => {
		if (padding !== "SAME") return padding[axis].map((pad) => ints([pad]));
		const size = sizeOf(context, image, axis + 1);
		const steps = e.div(e.add(size, strides[axis] - 1), strides[axis]);
		const covered = e.add(e.mul(e.sub(steps, 1), strides[axis]), reach[axis]);
		const total = e.max(e.sub(covered, size), 0);
		const before = e.div(total, 2);
		return [before, e.sub(total, before)];
	});
	const none = ints([0]);
	const side = (at: number) => [none, ...pads.map((pad) => pad[at]), none];
	return emit("Pad", [
		image,
		emit("Concat", [...side(0), ...side(1)], { axis: 0 }),
		zeroOf(context, image.dtype),
	]);
}

/** [batch, places…, all that the window sees there]. */
function windowed(sliding: Sliding, image: OnnxValue): OnnxValue {
	const { context, e, filter, reach, strides, dilations, layout } = sliding;
	const { emit, ints } = context;
	const rank = layout.spatial.length;
	const counted = (count: OnnxValue) =>
		emit("Range", [
			context.scalar("int64", 0),
			emit("Reshape", [count, ints([])]),
			context.scalar("int64", 1),
		]);
	const places = layout.spatial.map((_, axis) => {
		const left = e.sub(sizeOf(context, image, axis + 1), reach[axis]);
		return e.max(e.add(e.div(left, strides[axis]), 1), 0);
	});
	let seen = image;
	for (const [axis, count] of places.entries()) {
		const starts = e.mul(counted(count), strides[axis]);
		const offsets = e.mul(counted(filter[axis]), dilations[axis]);
		const at = e.add(emit("Unsqueeze", [starts, ints([1])]), offsets);
		seen = emit("Gather", [seen, at], { axis: 2 * axis + 1 });
	}
	const axes = layout.spatial.map((_, axis) => axis);
	const turned = emit("Transpose", [seen], {
		perm: [
			0,
			...axes.map((axis) => 2 * axis + 1),
			...axes.map((axis) => 2 * axis + 2),
			2 * rank + 1,
		],
	});
	const channels = sizeOf(context, image, rank + 1);
	const shape = [sizeOf(context, image, 0), ...places];
	return emit(
		"Reshape",
		[
			turned,
			emit("Concat", [...shape, product(sliding, channels)], { axis: 0 }),
		],
		{ allowzero: 1 },
	);
}

/** The filter for all channels of the image, [spatial…, channels in, channels out]: 0 outside of a group. */
function groupedFilter(sliding: Sliding, channels: OnnxValue): OnnxValue {
	const { context, e, filter } = sliding;
	const { emit } = context;
	const [width, outputs] = filter.slice(-2);
	const groups = e.max(e.div(channels, width), 1);
	const perGroup = e.max(e.div(outputs, groups), 1);
	const each = numbered(context, channels, 1);
	const rows = emit(
		"Gather",
		[context.input(1), emit("Mod", [numbered(context, channels), width])],
		{ axis: filter.length - 2 },
	);
	const isOwn = e.equal(
		e.div(each, width),
		e.div(numbered(context, outputs), perGroup),
	);
	return e.where(isOwn, rows, zeroOf(context, rows.dtype));
}

function depthwiseFilter(sliding: Sliding, channels: OnnxValue): OnnxValue {
	const { context, e, filter } = sliding;
	const multiplier = filter[filter.length - 1];
	const outputs = numbered(context, e.mul(channels, multiplier));
	const columns = context.emit(
		"Gather",
		[context.input(1), context.emit("Mod", [outputs, multiplier])],
		{ axis: filter.length - 1 },
	);
	const isOwn = e.equal(
		numbered(context, channels, 1),
		e.div(outputs, multiplier),
	);
	return e.where(isOwn, columns, zeroOf(context, columns.dtype));
}

/** 0, 1, …, as a vector or with so many axes behind. */
function numbered(
	{ emit, ints, scalar }: LowerContext,
	count: OnnxValue,
	behind = 0,
): OnnxValue {
	const [zero, one] = [scalar("int64", 0), scalar("int64", 1)];
	const end = emit("Reshape", [count, ints([])]);
	const range = emit("Range", [zero, end, one]);
	return behind === 0 ? range : emit("Unsqueeze", [range, ints([1])]);
}
