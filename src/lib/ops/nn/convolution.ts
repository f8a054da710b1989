import { fail } from "../../errors.js";
import { intAttr, intsAttr, stringAttr } from "../../graph/attrs.js";
import { type Shape, showShape } from "../../tensor/tensor.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { mergeShapes, shapeFromInput } from "../shapes.js";
import {
	axisLayout,
	imageShape,
	imageSizes,
	windowedSizes,
	windowOf,
} from "./window.js";

/** Filters are [spatial…, channels in, channels out]; depthwise [height, width, channels, outputs of each channel]. */
const convolution: InferRule = ({ node, inputs: [input, filter] }) => {
	const layout = axisLayout(node);
	const image = imageSizes(input.shape, layout);
	const sizes = filterSizes(filter.shape, layout.spatial.length);
	checkChannels(image.channels, sizes.channelsIn, filter.shape);
	const window = windowOf(node, layout, sizes.kernel);
	const shape = imageShape(
		{
			batch: image.batch,
			spatial: windowedSizes(window, image.spatial),
			channels: sizes.channelsOut,
		},
		layout,
	);
	return [{ dtype: input.dtype, shape }];
};

const depthwise: InferRule = ({ node, inputs: [input, filter] }) => {
	const layout = axisLayout(node);
	const image = imageSizes(input.shape, layout);
	const { kernel, channelsIn, channelsOut } = filterSizes(
		filter.shape,
		layout.spatial.length,
	);
	const window = windowOf(node, layout, kernel);
	const channels =
		channelsIn < 0 || channelsOut < 0 ? -1 : channelsIn * channelsOut;
	const shape = imageShape(
		{
			batch: image.batch,
			spatial: windowedSizes(window, image.spatial),
			channels,
		},
		layout,
	);
	return [{ dtype: input.dtype, shape }];
};

/** Transposed convolution: input 0 is the shape of the result, or only its spatial sizes. */
const backpropInput: InferRule = (context) => {
	const [, filter, gradient] = context.inputs;
	const layout = axisLayout(context.node);
	const rank = layout.spatial.length + 2;
	const { batch } = imageSizes(gradient.shape, layout);
	const { channelsIn } = filterSizes(filter.shape, layout.spatial.length);
	const given = shapeFromInput(context, 0) ?? new Array<number>(rank).fill(-1);
	const known = imageShape(
		{ batch, spatial: layout.spatial.map(() => -1), channels: -1 },
		layout,
	);
	const shape =
		given.length === rank
			? mergeShapes(given, known)
			: imageShape({ batch, spatial: given, channels: channelsIn }, layout);
	return [{ dtype: gradient.dtype, shape }];
};

export const convolutionOps = {
	Conv2D: primitive(convolution),
	Conv3D: primitive(convolution),
	DepthwiseConv2dNative: primitive(depthwise),
	Conv2DBackpropInput: primitive(backpropInput),
	Conv3DBackpropInputV2: primitive(backpropInput),
	_FusedConv2D: primitive(convolution),
	_FusedConv3D: primitive(convolution),
	_FusedDepthwiseConv2dNative: primitive(depthwise),
	FusedDepthwiseConv2dNative: primitive(depthwise),
	Conv: composite(expandConv),
	Conv2DBackpropInputV2: composite((context) =>
		expandBackpropInput(context, "Conv2DBackpropInput"),
	),
	Conv3DBackpropInput: composite((context) =>
		expandBackpropInput(context, "Conv3DBackpropInputV2"),
	),
	FusedPadConv2D: composite(
		({ node, inputs: [input, paddings, filter], add }) => {
			const padded = add("MirrorPad", [input, paddings], {
				T: node.attrs.T,
				Tpaddings: "int32",
				mode: node.attrs.mode,
			});
			return [add("Conv2D", [padded, filter], conv2dAttrs(node.attrs))];
		},
	),
	FusedResizeAndPadConv2D: composite(
		({ node, inputs: [input, size, paddings, filter], add }) => {
			const resized = add("ResizeBilinear", [input, size], {
				T: node.attrs.T,
				align_corners: node.attrs.resize_align_corners,
				half_pixel_centers: false,
			});
			const padded = add("MirrorPad", [resized, paddings], {
				T: node.attrs.T,
				Tpaddings: "int32",
				mode: node.attrs.mode,
			});
			return [add("Conv2D", [padded, filter], conv2dAttrs(node.attrs))];
		},
	),
} as const satisfies Record<string, OpEntry>;

interface FilterSizes {
	readonly kernel: readonly number[];
	readonly channelsIn: number;
	readonly channelsOut: number;
}

/** The sizes of a filter over `spatialRank` axes, -1 where unknown. Fails with INVALID for another rank. */
export function filterSizes(shape: Shape, spatialRank: number): FilterSizes {
	if (shape === undefined)
		return {
			kernel: new Array<number>(spatialRank).fill(-1),
			channelsIn: -1,
			channelsOut: -1,
		};
	if (shape.length !== spatialRank + 2)
		throw fail(
			"INVALID",
			`cannot use a filter of shape ${showShape(shape)}: ${spatialRank + 2} dimensions are wanted`,
		);
	return {
		kernel: shape.slice(0, spatialRank),
		channelsIn: shape[spatialRank],
		channelsOut: shape[spatialRank + 1],
	};
}

/** The image's channels are a multiple of the filter's: that many groups. */
function checkChannels(image: number, filter: number, shape: Shape): void {
	if (image >= 0 && filter > 0 && image % filter !== 0)
		throw fail(
			"INVALID",
			`cannot convolve ${image} channels with a filter of shape ${showShape(shape)}: ${filter} channels, or a multiple, are wanted`,
		);
}

/** `Conv` is Conv2D or Conv3D, by the rank of its input. */
function expandConv({
	node,
	types,
	inputs,
	add,
}: ExpandContext): readonly string[] {
	const rank = types[0].shape?.length ?? types[1].shape?.length;
	const op = rank === 4 ? "Conv2D" : rank === 5 ? "Conv3D" : undefined;
	if (op === undefined || intAttr(node, "batch_dims") !== 1)
		throw fail(
			"UNSUPPORTED",
			`cannot expand Conv on ${showShape(types[0].shape)}: mlship knows it over two or three spatial dimensions and one batch dimension`,
		);
	const last = stringAttr(node, "data_format") === "CHANNELS_LAST";
	const format = op === "Conv2D" ? "HW" : "DHW";
	const dilations = intsAttr(node, "dilations");
	const { batch_dims, groups, ...attrs } = node.attrs;
	return [
		add(op, inputs, {
			...attrs,
			dilations:
				dilations.length === 0
					? new Array<number>(rank ?? 0).fill(1)
					: dilations,
			data_format: last ? `N${format}C` : `NC${format}`,
		}),
	];
}

/** The shape of the result is given by a tensor that has it. */
function expandBackpropInput(
	{ node, inputs: [input, filter, gradient], add }: ExpandContext,
	op: string,
): readonly string[] {
	const sizes = add("Shape", [input], { T: node.attrs.T, out_type: "int32" });
	return [
		add(op, [sizes, filter, gradient], { Tshape: "int32", ...node.attrs }),
	];
}

function conv2dAttrs(attrs: InferContext["node"]["attrs"]) {
	return {
		T: attrs.T,
		strides: attrs.strides,
		padding: attrs.padding,
		explicit_paddings: [],
		dilations: [1, 1, 1, 1],
		data_format: "NHWC",
	};
}
