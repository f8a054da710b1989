import { fail } from "../../../../errors.js";
import {
	type AxisLayout,
	imageSizes,
	reach,
	type Window,
} from "../../../../ops/nn/window.js";
import { isStatic } from "../../../../ops/shapes.js";
import { showShape } from "../../../../tensor/tensor.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { imageInput } from "./image-tensor.js";
import { paddedImage } from "./padding.js";

/** The sizes of a filter whose output channels belong to `group` groups of `channelsIn` input channels each. */
export interface GroupedFilter {
	readonly group: number;
	readonly channelsIn: number;
	readonly channelsOut: number;
}

/**
 * A convolution as a sum of matrix products, one for each place of the window: for element types in which ONNX Runtime
 * has matrix products but no convolution. Channels are behind the batch.
 */
export function tapConvolution(
	context: LowerContext,
	layout: AxisLayout,
	window: Window,
	filter: GroupedFilter,
	bias?: OnnxValue,
): OnnxValue {
	const image = imageUnderWindow(context, layout, window);
	const products = tapsOf(window).map((offsets, place) => {
		const pixels = pixelsUnder(context, image, window, offsets);
		const weights = context.emit("Gather", [
			groupedFilter(context, window, filter),
			context.scalar("int64", place),
		]);
		return groupedProduct(context, pixels, weights, filter, offsets.length);
	});
	const addends = bias === undefined ? products : [...products, bias];
	const sum = addends.reduce((a, b) => context.emit("Add", [a, b]));
	const rank = layout.spatial.length + 2;
	return context.emit("Transpose", [sum], {
		perm: [0, rank - 1, ...layout.spatial.map((_, axis) => axis + 1)],
	});
}

/** The image, padded, with its channels last. */
function imageUnderWindow(
	context: LowerContext,
	layout: AxisLayout,
	window: Window,
): OnnxValue {
	const { spatial } = imageSizes(context.inputs[0].shape, layout);
	const image = imageInput(context, 0, layout);
	const whole = paddedImage(context, image, window, spatial);
	return context.emit("Transpose", [whole], {
		perm: [0, ...spatial.map((_, axis) => axis + 2), 1],
	});
}

/** All places of the window, in the order in which a filter has them. */
function tapsOf({ kernel, dilations }: Window): number[][] {
	return kernel.reduce<number[][]>(
		(taps, size, axis) =>
			taps.flatMap((tap) =>
				Array.from({ length: size }, (_, i) => [...tap, i * dilations[axis]]),
			),
		[[]],
	);
}

/** What the window sees at one of its places, while it slides; counted from the end, so that no size need be known. */
function pixelsUnder(
	{ emit, ints }: LowerContext,
	image: OnnxValue,
	window: Window,
	offsets: readonly number[],
): OnnxValue {
	const ends = offsets.map((offset, axis) => {
		const behind = reach(window, axis) - 1 - offset;
		return behind === 0 ? Number.MAX_SAFE_INTEGER : -behind;
	});
	return emit("Slice", [
		image,
		ints(offsets),
		ints(ends),
		ints(offsets.map((_, axis) => axis + 1)),
		ints(window.strides),
	]);
}

/** The filter as [place, group, channels in, channels out of the group]. */
function groupedFilter(
	{ inputs, emit, input, ints }: LowerContext,
	{ kernel }: Window,
	{ group, channelsIn, channelsOut }: GroupedFilter,
): OnnxValue {
	const { shape } = inputs[1];
	if (!isStatic(shape))
		throw fail(
			"UNSUPPORTED",
			`cannot lower a convolution on ${inputs[1].dtype} with a filter of shape ${showShape(shape)}: its sizes must be known`,
		);
	const places = kernel.reduce((count, size) => count * size, 1);
	const split = emit("Reshape", [
		input(1),
		ints([places, channelsIn, group, channelsOut / group]),
	]);
	return emit("Transpose", [split], { perm: [0, 2, 1, 3] });
}

function groupedProduct(
	{ emit, ints }: LowerContext,
	pixels: OnnxValue,
	weights: OnnxValue,
	{ group, channelsIn, channelsOut }: GroupedFilter,
	spatialRank: number,
): OnnxValue {
	// 0 copies a size
	const sizes = new Array<number>(spatialRank + 1).fill(0);
	const split = emit("Reshape", [
		pixels,
		ints([...sizes, group, 1, channelsIn]),
	]);
	const product = emit("MatMul", [split, weights]);
	return emit("Reshape", [product, ints([...sizes, channelsOut])]);
}
