import { fail } from "../../errors.js";
import type { Node } from "../../graph/ir.js";
import { filterSizes } from "../../ops/nn/convolution.js";
import {
	type AxisLayout,
	axisLayout,
	imageShape,
	imageSizes,
	isChannelsLast,
	type Window,
	windowedSizes,
	windowOf,
	windowPads,
} from "../../ops/nn/window.js";
import { DTYPES, type NumericArray } from "../../tensor/dtype.js";
import { elementCount, type Tensor } from "../../tensor/tensor.js";
import { stridesOf, transpose } from "../../tensor/transpose.js";
import { numbersOf, rounded } from "../elementwise.js";
import type { HostKernel } from "../kernel.js";

/** How the channels of a filter [spatial…, channels in, channels out] belong to groups. */
interface Grouping {
	readonly groups: number;
	/** Input channels of a group. */
	readonly width: number;
	/** Output channels of a group. */
	readonly count: number;
}

type GroupingRule = (channels: number, filter: readonly number[]) => Grouping;

/** `Conv2D` and `Conv3D`: an image of several times the filter's channels is convolved group by group. */
export const denseConvolution = convolution((channels, filter) => {
	const [width, outputs] = filter.slice(-2);
	const groups = channels / width;
	if (!Number.isInteger(groups) || outputs % groups !== 0)
		throw fail(
			"INVALID",
			`cannot convolve ${channels} channels with a filter of shape [${filter}]: ${width} channels, or a multiple that divides ${outputs}, are wanted`,
		);
	return { groups, width, count: outputs / groups };
});

/** `DepthwiseConv2dNative`: each channel is a group. */
export const depthwiseConvolution = convolution((channels, filter) => {
	const [groups, count] = filter.slice(-2);
	if (channels !== groups)
		throw fail(
			"INVALID",
			`cannot convolve ${channels} channels with a filter of shape [${filter}]: ${groups} are wanted`,
		);
	return { groups, width: 1, count };
});

/**
 * For windows and groups that are known only now; numeric runtimes want them before. Sums of floats are in double
 * precision, those of integers wrap.
 */
function convolution(groupingOf: GroupingRule): HostKernel {
	return (node, [image, filter]) => {
		const { kind } = DTYPES[image.dtype];
		const isWhole = image.dtype === "int32";
		if (kind !== "float" && kind !== "half" && !isWhole) return undefined;
		const layout = axisLayout(node);
		const { batch, spatial, channels } = imageSizes(image.shape, layout);
		const grouping = groupingOf(channels, filter.shape);
		const window = windowFor(node, layout, filter);
		const places = windowedSizes(window, spatial);
		const sums = slide(
			numbersOf(channelsLast(image, layout)) as NumericArray,
			numbersOf(filter) as NumericArray,
			{ batch, spatial, places, window, isWhole },
			grouping,
		);
		const result: Tensor = {
			dtype: image.dtype,
			shape: [batch, ...places, grouping.groups * grouping.count],
			data: isWhole
				? (sums as Int32Array<ArrayBuffer>)
				: (rounded(image.dtype, sums) as Tensor["data"]),
		};
		return [inLayout(result, layout)];
	};
}

function windowFor(node: Node, layout: AxisLayout, filter: Tensor): Window {
	const { kernel } = filterSizes(filter.shape, layout.spatial.length);
	return windowOf(node, layout, kernel);
}

interface Slide {
	readonly batch: number;
	readonly spatial: readonly number[];
	readonly places: readonly number[];
	readonly window: Window;
	readonly isWhole: boolean;
}

/** The sums under the window at all its places, [batch, places…, outputs]. */
function slide(
	image: NumericArray,
	filter: NumericArray,
	{ batch, spatial, places, window, isWhole }: Slide,
	grouping: Grouping,
): NumericArray {
	const { groups, width, count } = grouping;
	const [channels, outputs] = [groups * width, groups * count];
	const area = elementCount(spatial);
	const steps = elementCount(places);
	const sums = new (isWhole ? Int32Array : Float64Array)(
		elementCount([batch, steps, outputs]),
	);
	const multiply = isWhole ? Math.imul : (a: number, b: number) => a * b;
	const taps = tapsOf(window.kernel);
	const starts = startsOf(window, spatial, places);
	const strides = stridesOf(spatial);
	for (let place = 0; place < steps; place++) {
		const start = starts(place);
		for (const [tap, offset] of taps.entries()) {
			const pixel = pixelAt(start, offset, window, spatial, strides);
			if (pixel < 0) continue;
			for (let picture = 0; picture < batch; picture++)
				addTap(
					sums,
					(picture * steps + place) * outputs,
					image,
					(picture * area + pixel) * channels,
					filter,
					tap,
					grouping,
					multiply,
				);
		}
	}
	return sums;
}

/** Filters of groups lie side by side, [width, outputs]; depthwise ones are [channels, count], which is the same memory as [1, outputs]. */
function addTap(
	sums: NumericArray,
	to: number,
	image: NumericArray,
	from: number,
	filter: NumericArray,
	tap: number,
	{ groups, width, count }: Grouping,
	multiply: (a: number, b: number) => number,
): void {
	const outputs = groups * count;
	for (let group = 0; group < groups; group++)
		for (let channel = 0; channel < width; channel++) {
			const value = image[from + group * width + channel];
			const weights = (tap * width + channel) * outputs + group * count;
			const first = to + group * count;
			for (let out = 0; out < count; out++)
				sums[first + out] += multiply(value, filter[weights + out]);
		}
}

/** All places in a box, in the order of its memory. */
function tapsOf(sizes: readonly number[]): number[][] {
	const strides = stridesOf(sizes);
	return Array.from({ length: elementCount(sizes) }, (_, place) =>
		sizes.map((size, axis) => Math.floor(place / strides[axis]) % size),
	);
}

/** Where the window begins at a place, padding counted below 0. */
function startsOf(
	window: Window,
	spatial: readonly number[],
	places: readonly number[],
): (place: number) => number[] {
	const pads = windowPads(window, spatial) ?? [];
	const strides = stridesOf(places);
	return (place) =>
		places.map(
			(size, axis) =>
				(Math.floor(place / strides[axis]) % size) * window.strides[axis] -
				(pads[axis]?.[0] ?? 0),
		);
}

/** The pixel under one position of the window; -1 in the padding. */
function pixelAt(
	start: readonly number[],
	offset: readonly number[],
	{ dilations }: Window,
	spatial: readonly number[],
	strides: readonly number[],
): number {
	let pixel = 0;
	for (let axis = 0; axis < spatial.length; axis++) {
		const at = start[axis] + offset[axis] * dilations[axis];
		if (at < 0 || at >= spatial[axis]) return -1;
		pixel += at * strides[axis];
	}
	return pixel;
}

function channelsLast(image: Tensor, layout: AxisLayout): Tensor {
	if (isChannelsLast(layout)) return image;
	return transpose(image, [0, ...layout.spatial, layout.channels]);
}

function inLayout(result: Tensor, layout: AxisLayout): Tensor {
	if (isChannelsLast(layout)) return result;
	const last = result.shape.length - 1;
	return transpose(
		result,
		imageShape(
			{
				batch: 0,
				spatial: layout.spatial.map((_, i) => i + 1),
				channels: last,
			},
			layout,
		),
	);
}
