import { fail } from "../../errors.js";
import { intsAttr, stringAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { type Shape, showShape } from "../../tensor/tensor.js";

/** Which axes of an image tensor are what; the batch is axis 0 and the rank is `spatial.length + 2`. */
export interface AxisLayout {
	readonly channels: number;
	readonly spatial: readonly number[];
}

export type Pads = readonly [before: number, after: number];

/** A window that slides over the spatial axes, one item an axis; -1 for a kernel size that is not known. */
export interface Window {
	readonly kernel: readonly number[];
	readonly strides: readonly number[];
	readonly dilations: readonly number[];
	readonly padding: "SAME" | "VALID" | readonly Pads[];
}

/** The sizes of an image tensor, -1 where unknown. */
export interface ImageSizes {
	readonly batch: number;
	readonly spatial: readonly number[];
	readonly channels: number;
}

const LAYOUTS: Readonly<Record<string, AxisLayout>> = {
	NHWC: { channels: 3, spatial: [1, 2] },
	NCHW: { channels: 1, spatial: [2, 3] },
	NDHWC: { channels: 4, spatial: [1, 2, 3] },
	NCDHW: { channels: 1, spatial: [2, 3, 4] },
};

/** The layout that attribute `data_format` names; NHWC for ops that have no such attribute. */
export function axisLayout(node: Node): AxisLayout {
	const format =
		node.attrs.data_format === undefined
			? "NHWC"
			: stringAttr(node, "data_format");
	const layout = LAYOUTS[format];
	if (layout === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot use data_format "${format}": mlship knows ${Object.keys(LAYOUTS).join(", ")}`,
		);
	return layout;
}

/** Whether the channels are TensorFlow's last axis. */
export function isChannelsLast({ channels, spatial }: AxisLayout): boolean {
	return channels > spatial[0];
}

/** The window of a node: `strides`, `dilations` (1 where the op has none), `padding` and `explicit_paddings`. */
export function windowOf(
	node: Node,
	layout: AxisLayout,
	kernel: readonly number[],
): Window {
	return {
		kernel,
		strides: spatialItems(intsAttr(node, "strides"), layout),
		dilations: spatialItems(dilationsOf(node), layout),
		padding: paddingOf(node, layout),
	};
}

/** The items of a list with one item an axis that belong to the spatial axes. */
export function spatialItems(
	list: readonly number[],
	{ spatial }: AxisLayout,
): number[] {
	if (list.length === 0) return spatial.map(() => 1);
	if (list.length !== spatial.length + 2)
		throw fail(
			"INVALID",
			`cannot use window sizes [${list}]: ${spatial.length + 2} numbers are wanted, one a dimension`,
		);
	return spatial.map((axis) => list[axis]);
}

/** Batch, spatial and channel sizes of a shape. Fails with INVALID for another rank. */
export function imageSizes(shape: Shape, layout: AxisLayout): ImageSizes {
	const { spatial, channels } = layout;
	if (shape === undefined)
		return { batch: -1, spatial: spatial.map(() => -1), channels: -1 };
	if (shape.length !== spatial.length + 2)
		throw fail(
			"INVALID",
			`cannot use an image of shape ${showShape(shape)}: ${spatial.length + 2} dimensions are wanted`,
		);
	return {
		batch: shape[0],
		spatial: spatial.map((axis) => shape[axis]),
		channels: shape[channels],
	};
}

/** The opposite of `imageSizes`. */
export function imageShape(
	{ batch, spatial, channels }: ImageSizes,
	layout: AxisLayout,
): number[] {
	const shape = new Array<number>(spatial.length + 2).fill(batch);
	for (const [i, axis] of layout.spatial.entries()) shape[axis] = spatial[i];
	shape[layout.channels] = channels;
	return shape;
}

/** Sizes after the window slid over `sizes`; -1 where not known. Upstream's GetWindowedOutputSizeVerbose. */
export function windowedSizes(
	window: Window,
	sizes: readonly number[],
): number[] {
	return sizes.map((size, axis) => {
		const stride = window.strides[axis];
		if (size < 0) return -1;
		if (window.padding === "SAME") return Math.ceil(size / stride);
		if (window.kernel[axis] < 0) return -1;
		const [before, after] =
			window.padding === "VALID" ? [0, 0] : window.padding[axis];
		const windowed = Math.trunc(
			(size + before + after - reach(window, axis) + stride) / stride,
		);
		if (windowed < 0)
			throw fail(
				"INVALID",
				`cannot slide a window of ${reach(window, axis)} over ${size + before + after} positions: it is too large`,
			);
		return windowed;
	});
}

/**
 * Padding of each spatial axis; `undefined` if it depends on sizes that are not known. SAME puts the odd one behind; with
 * stride 1, or a window of one position, it does not depend on the size.
 */
export function windowPads(
	window: Window,
	sizes: readonly number[],
): readonly Pads[] | undefined {
	const { padding, kernel } = window;
	if (padding === "VALID") return sizes.map(() => [0, 0]);
	if (padding !== "SAME") return padding;
	const totals = sizes.map((size, axis) =>
		kernel[axis] < 0 ? undefined : samePadding(window, axis, size),
	);
	return totals.every((total) => total !== undefined)
		? totals.map((total) => [Math.floor(total / 2), Math.ceil(total / 2)])
		: undefined;
}

function samePadding(
	window: Window,
	axis: number,
	size: number,
): number | undefined {
	const stride = window.strides[axis];
	const covered = reach(window, axis);
	if (stride === 1 || covered === 1) return covered - 1;
	if (size < 0) return undefined;
	const places = Math.ceil(size / stride);
	return Math.max((places - 1) * stride + covered - size, 0);
}

/** How many positions the window covers along an axis, gaps of dilation included. */
export function reach({ kernel, dilations }: Window, axis: number): number {
	return (kernel[axis] - 1) * dilations[axis] + 1;
}

function dilationsOf(node: Node): readonly number[] {
	return node.attrs.dilations === undefined ? [] : intsAttr(node, "dilations");
}

/** SAME, VALID, or what `explicit_paddings` says of the spatial axes. */
export function paddingOf(node: Node, layout: AxisLayout): Window["padding"] {
	const padding = stringAttr(node, "padding");
	if (padding === "SAME" || padding === "VALID") return padding;
	const list = intsAttr(node, "explicit_paddings");
	if (padding !== "EXPLICIT" || list.length !== 2 * layout.spatial.length + 4)
		throw fail(
			"INVALID",
			`cannot use padding "${padding}" with ${list.length} explicit paddings`,
		);
	return layout.spatial.map((axis) => [list[2 * axis], list[2 * axis + 1]]);
}
