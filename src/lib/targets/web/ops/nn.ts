import {
	boolAttr,
	floatAttr,
	intAttr,
	intsAttr,
	stringAttr,
	stringsAttr,
} from "../../../graph/attrs.js";
import type { Node } from "../../../graph/ir.js";
import type { nnOps } from "../../../ops/nn.js";
import { unfit } from "../arithmetic.js";
import { bool, float, int, ints, text, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import { narrowStorage } from "../storage.js";
import type { WebAttrs } from "../topology.js";
import { activated } from "./activation.js";
import { channelsLast } from "./channels.js";
import { groupsOf, inGroups } from "./groups.js";
import { same } from "./rows.js";

/** What slides over a picture; TensorFlow.js wants channels last. */
function sliding(
	op: string,
	attrs: (context: WebContext, last: Last) => WebAttrs,
	operands: readonly number[] = [],
): WebLowering {
	return (context) =>
		channelsLast(context, 0, (picture, last) =>
			context.emitMany(
				op,
				[picture, ...operands.map((i) => context.input(i))],
				context.node.outputs.length,
				attrs(context, last),
			),
		);
}

/** A list with an entry an axis, as it is once channels are last. */
type Last = (list: readonly number[]) => readonly number[];

const CHANNELS_LAST: Readonly<Record<number, string>> = {
	4: "NHWC",
	5: "NDHWC",
};

function windowAttrs({ node, inputs }: WebContext, last: Last): WebAttrs {
	const padding = stringAttr(node, "padding");
	if (padding === "EXPLICIT")
		throw unfit("TensorFlow.js pads pools by SAME or VALID");
	return {
		T: type(inputs[0].dtype),
		ksize: ints(last(intsAttr(node, "ksize"))),
		strides: ints(last(intsAttr(node, "strides"))),
		padding: text(padding),
	};
}

function convolutionAttrs(context: WebContext, last: Last): WebAttrs {
	const { node, inputs } = context;
	const strides = last(intsAttr(node, "strides"));
	const dilations = last(intsAttr(node, "dilations"));
	if (strides.some((s) => s !== 1) && dilations.some((d) => d !== 1))
		throw unfit("TensorFlow.js strides or dilates, not both");
	requireFloat(context);
	requireWindow(context, strides);
	return {
		strides: ints(strides),
		dilations: ints(dilations),
		data_format: text(CHANNELS_LAST[strides.length] ?? "NHWC"),
		...paddingAttrs(node, last, inputs[1].shape?.length === 4),
	};
}

function paddingAttrs(
	node: Node,
	last: Last,
	canBeExplicit: boolean,
): WebAttrs {
	const padding = stringAttr(node, "padding");
	if (padding !== "EXPLICIT") return { padding: text(padding) };
	if (!canBeExplicit) throw unfit("TensorFlow.js pads this by SAME or VALID");
	const pairs = intsAttr(node, "explicit_paddings");
	const starts = last(pairs.filter((_, i) => i % 2 === 0));
	const ends = last(pairs.filter((_, i) => i % 2 === 1));
	return {
		padding: text("EXPLICIT"),
		explicit_paddings: ints(starts.flatMap((start, i) => [start, ends[i]])),
	};
}

function volumeAttrs(context: WebContext, last: Last): WebAttrs {
	if (groupsOf(context) !== 1)
		throw unfit("TensorFlow.js has no convolutions in groups");
	return convolutionAttrs(context, last);
}

function isChannelsFirst({ attrs }: Node): boolean {
	return String(attrs.data_format ?? "").startsWith("NC");
}

/** A stride that is larger than the window makes the WebAssembly kernel pad what needs no padding. */
function requireWindow(
	{ node, inputs }: WebContext,
	strides: readonly number[],
): void {
	const window = inputs[1].shape?.slice(0, -2);
	if (stringAttr(node, "padding") !== "SAME") return;
	if (window?.some((size, i) => size < 0 && strides[i + 1] > 1))
		throw unfit("TensorFlow.js must know the size of the window");
	if (window?.some((size, i) => size < strides[i + 1] && size > 1))
		throw unfit("TensorFlow.js pads wrongly where a stride exceeds the window");
}

function requireFloat({ inputs }: WebContext): void {
	if (narrowStorage(inputs[0].dtype) !== "float32")
		throw unfit("TensorFlow.js convolves floats only");
}

function depthwiseAttrs(context: WebContext, last: Last): WebAttrs {
	const { node } = context;
	requireFloat(context);
	const strides = last(intsAttr(node, "strides"));
	const dilations = last(intsAttr(node, "dilations"));
	if (strides.some((s) => s !== 1) && dilations.some((d) => d !== 1))
		throw unfit("TensorFlow.js strides or dilates, not both");
	return {
		strides: ints(strides),
		dilations: ints(dilations),
		data_format: text("NHWC"),
		...paddingAttrs(node, last, true),
	};
}

type Convolution = (
	context: WebContext,
	picture: WebValue,
	last: Last,
) => WebValue;

const plain: Convolution = (context, picture, last) => {
	const attrs = convolutionAttrs(context, last);
	const groups = groupsOf(context);
	return groups === 1
		? context.emit("Conv2D", [picture, context.input(1)], attrs)
		: inGroups(context, picture, groups, attrs);
};

const depthwise: Convolution = (context, picture, last) =>
	context.emit(
		"DepthwiseConv2dNative",
		[picture, context.input(1)],
		depthwiseAttrs(context, last),
	);

function alone(convolved: Convolution): WebLowering {
	return (context) =>
		channelsLast(context, 0, (picture, last) => [
			convolved(context, picture, last),
		]);
}

/** A convolution and the steps that are fused with it, one node each. */
function fused(convolved: Convolution): WebLowering {
	return (context) =>
		channelsLast(context, 0, (picture, last) => {
			const steps = stringsAttr(context.node, "fused_ops");
			if (steps.includes("Add") && isChannelsFirst(context.node))
				throw unfit("it is fused with a sum, channels first");
			const product = convolved(context, picture, last);
			return [activated(context, product, steps)];
		});
}

/** The gradient of a convolution, which is what Keras calls Conv2DTranspose. */
const transposed: WebLowering = ({ node, input, emit }) => {
	if (isChannelsFirst(node))
		throw unfit("TensorFlow.js enlarges pictures with channels last only");
	if (intsAttr(node, "dilations").some((dilation) => dilation !== 1))
		throw unfit("TensorFlow.js has no dilations here");
	return emit(
		"Conv2DBackpropInput",
		[0, 1, 2].map((i) => input(i)),
		{
			strides: ints(intsAttr(node, "strides")),
			...paddingAttrs(node, (list) => list, true),
		},
	);
};

/** One number a channel. */
const bias: WebLowering = (context) => {
	const { node, inputs, input, emit, ints: vector } = context;
	if (!isChannelsFirst(node)) return emit("AddV2", [input(0), input(1)]);
	const rank = inputs[0].shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow.js must know how many axes the picture has");
	const axes = [-1, ...new Array<number>(rank - 2).fill(1)];
	return emit("AddV2", [input(0), emit("Reshape", [input(1), vector(axes)])]);
};

/** Only what is known after training; the statistics are returned as they came. */
const batchNorm: WebLowering = (context) => {
	const { node, emit, input, isUsed } = context;
	if (boolAttr(node, "is_training"))
		throw unfit("TensorFlow.js normalizes with given statistics only");
	if (node.outputs.some((_, i) => i > 4 && isUsed(i)))
		throw unfit("what it reserves for gradients is used");
	const [normal] = channelsLast(context, 0, (picture) => [
		emit("FusedBatchNormV3", [picture, ...[1, 2, 3, 4].map((i) => input(i))], {
			epsilon: float(floatAttr(node, "epsilon")),
		}),
	]);
	return [normal, input(3), input(4), input(3), input(4), input(4)];
};

const maxPoolWithArgmax: WebLowering = (context) => {
	const attrs = windowAttrs(context, (list) => list);
	return context.emitMany("MaxPoolWithArgmax", [context.input(0)], 2, {
		...attrs,
		include_batch_in_index: bool(
			boolAttr(context.node, "include_batch_in_index"),
		),
	});
};

const normalization: WebLowering = ({ node, emit, input }): WebValue =>
	emit("LRN", [input(0)], {
		depth_radius: int(intAttr(node, "depth_radius")),
		bias: float(floatAttr(node, "bias")),
		alpha: float(floatAttr(node, "alpha")),
		beta: float(floatAttr(node, "beta")),
	});

export const nnRows: WebTable<typeof nnOps> = {
	Conv2D: alone(plain),
	Conv3D: sliding("Conv3D", volumeAttrs, [1]),
	DepthwiseConv2dNative: alone(depthwise),
	Conv2DBackpropInput: transposed,
	_FusedConv2D: fused(plain),
	_FusedDepthwiseConv2dNative: fused(depthwise),
	FusedDepthwiseConv2dNative: fused(depthwise),
	MaxPool: sliding("MaxPool", windowAttrs),
	AvgPool: sliding("AvgPool", windowAttrs),
	MaxPool3D: sliding("MaxPool3D", windowAttrs),
	AvgPool3D: sliding("AvgPool3D", windowAttrs),
	MaxPoolWithArgmax: maxPoolWithArgmax,
	BiasAdd: bias,
	FusedBatchNorm: batchNorm,
	FusedBatchNormV2: batchNorm,
	FusedBatchNormV3: batchNorm,
	LRN: normalization,
	Softmax: same(),
	LogSoftmax: same(),
};
