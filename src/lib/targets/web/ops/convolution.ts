import { intsAttr, stringAttr, stringsAttr } from "../../../graph/attrs.js";
import type { Node } from "../../../graph/ir.js";
import { unfit } from "../arithmetic.js";
import { ints, text } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { narrowStorage } from "../storage.js";
import type { WebAttrs } from "../topology.js";
import { activated } from "./activation.js";
import { channelsLast, type Last } from "./channels.js";
import { groupsOf, inGroups, needsWholeFilter, wholeFilter } from "./groups.js";
import { convolvedByPatches } from "./patches.js";
import { paddedAsListed, paddedAsSame } from "./same-padding.js";

const CHANNELS_LAST: Readonly<Record<number, string>> = {
	4: "NHWC",
	5: "NDHWC",
};

function convolutionAttrs(
	context: WebContext,
	last: Last,
	padding: string = stringAttr(context.node, "padding"),
): WebAttrs {
	const { node } = context;
	const { strides, dilations } = stepsOf(node, last);
	if (strides.some((s) => s !== 1) && dilations.some((d) => d !== 1))
		throw unfit("TensorFlow.js strides or dilates, not both");
	return {
		strides: ints(strides),
		dilations: ints(dilations),
		data_format: text(CHANNELS_LAST[strides.length] ?? "NHWC"),
		...paddingAttrs(node, last, strides.length === 4, padding),
	};
}

function stepsOf(node: Node, last: Last) {
	return {
		strides: last(intsAttr(node, "strides")),
		dilations: last(intsAttr(node, "dilations")),
	};
}

function paddingAttrs(
	node: Node,
	last: Last,
	canBeExplicit: boolean,
	padding: string = stringAttr(node, "padding"),
): WebAttrs {
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

/** A stride that is larger than the window makes the WebAssembly kernel pad what needs no padding. */
function mayPadWrongly(
	{ node, inputs }: WebContext,
	{ strides }: { readonly strides: readonly number[] },
): boolean {
	const window = inputs[1].shape?.slice(0, -2);
	if (stringAttr(node, "padding") !== "SAME") return false;
	if (window === undefined) return strides.some((stride) => stride > 1);
	return window.some(
		(size, i) => size !== 1 && size < strides[i + 1] && strides[i + 1] > 1,
	);
}

type Convolution = (
	context: WebContext,
	picture: WebValue,
	last: Last,
) => WebValue;

const plain: Convolution = (context, picture, last) => {
	if (!isFloat(context)) return whole(context, picture, last);
	const steps = stepsOf(context.node, last);
	const isPadded = mayPadWrongly(context, steps);
	const attrs = convolutionAttrs(context, last, isPadded ? "VALID" : undefined);
	const value = isPadded ? paddedAsSame(context, picture, steps) : picture;
	if (needsWholeFilter(context))
		return context.emit("Conv2D", [value, wholeFilter(context, value)], attrs);
	const groups = groupsOf(context);
	return groups === 1
		? context.emit("Conv2D", [value, context.input(1)], attrs)
		: inGroups(context, value, groups, attrs);
};

/** Of whole numbers, which wrap around. */
const whole: Convolution = (context, picture, last) => {
	const { node, inputs } = context;
	if (
		intsAttr(node, "strides").length !== 4 ||
		narrowStorage(inputs[0].dtype) !== "int32"
	)
		throw unfit("TensorFlow.js convolves floats only");
	const steps = stepsOf(node, last);
	const padded: Readonly<Record<string, () => WebValue>> = {
		SAME: () => paddedAsSame(context, picture, steps),
		EXPLICIT: () => paddedAsListed(context, picture, last),
		VALID: () => picture,
	};
	return convolvedByPatches(
		context,
		padded[stringAttr(node, "padding")](),
		groupsOf(context) === 1 && !needsWholeFilter(context)
			? context.input(1)
			: wholeFilter(context, picture),
		steps,
	);
};

const depthwise: Convolution = (context, picture, last) => {
	if (!isFloat(context)) throw unfit("TensorFlow.js convolves floats only");
	const { strides, dilations } = stepsOf(context.node, last);
	if (strides.some((s) => s !== 1) && dilations.some((d) => d !== 1))
		throw unfit("TensorFlow.js strides or dilates, not both");
	return context.emit("DepthwiseConv2dNative", [picture, context.input(1)], {
		strides: ints(strides),
		dilations: ints(dilations),
		data_format: text("NHWC"),
		...paddingAttrs(context.node, last, true),
	});
};

const volume: Convolution = (context, picture, last) => {
	if (groupsOf(context) !== 1)
		throw unfit("TensorFlow.js has no convolutions in groups");
	if (!isFloat(context)) throw unfit("TensorFlow.js convolves floats only");
	const steps = stepsOf(context.node, last);
	const isPadded = mayPadWrongly(context, steps);
	return context.emit(
		"Conv3D",
		[
			isPadded ? paddedAsSame(context, picture, steps) : picture,
			context.input(1),
		],
		convolutionAttrs(context, last, isPadded ? "VALID" : undefined),
	);
};

function isFloat({ inputs }: WebContext): boolean {
	return narrowStorage(inputs[0].dtype) === "float32";
}

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
			const isFirst = String(context.node.attrs.data_format).startsWith("NC");
			if (steps.includes("Add") && isFirst)
				throw unfit("it is fused with a sum, channels first");
			const product = convolved(context, picture, last);
			return [activated(context, product, steps)];
		});
}

/** The gradient of a convolution, which is what Keras calls Conv2DTranspose. */
const transposed: WebLowering = (context) => {
	const { node, input, emit } = context;
	if (intsAttr(node, "dilations").some((dilation) => dilation !== 1))
		throw unfit("TensorFlow.js has no dilations here");
	const [made] = channelsLast(context, 2, (gradient, last) => [
		emit("Conv2DBackpropInput", [sizes(context, last), input(1), gradient], {
			strides: ints(last(intsAttr(node, "strides"))),
			...paddingAttrs(node, last, true),
		}),
	]);
	return made;
};

/** The wanted shape with its channels last. */
function sizes({ constant, input, emit, ints }: WebContext, last: Last) {
	const known = constant(0);
	if (known !== undefined)
		return ints(last(Array.from(known.data as Int32Array, Number)));
	const order = last([0, 1, 2, 3]);
	return order.every((axis, i) => axis === i)
		? input(0)
		: emit("GatherV2", [input(0), ints(order), ints([0])], {
				batch_dims: { i: "0" },
			});
}

export const convolutionRows = {
	Conv2D: alone(plain),
	Conv3D: alone(volume),
	DepthwiseConv2dNative: alone(depthwise),
	Conv2DBackpropInput: transposed,
	_FusedConv2D: fused(plain),
	_FusedDepthwiseConv2dNative: fused(depthwise),
	FusedDepthwiseConv2dNative: fused(depthwise),
};
