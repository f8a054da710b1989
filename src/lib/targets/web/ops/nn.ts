import {
	boolAttr,
	floatAttr,
	intAttr,
	intsAttr,
	stringAttr,
} from "../../../graph/attrs.js";
import type { nnOps } from "../../../ops/nn.js";
import { unfit } from "../arithmetic.js";
import { bool, float, int, ints, text, type } from "../attrs.js";
import type {
	WebContext,
	WebLowering,
	WebTable,
	WebValue,
} from "../lowering.js";
import type { WebAttrs } from "../topology.js";
import { batchNorm } from "./batch-norm.js";
import { channelsLast, type Last } from "./channels.js";
import { convolutionRows } from "./convolution.js";
import { LEAST } from "./nothing.js";
import { same } from "./rows.js";
import { paddedAsListed } from "./same-padding.js";

function windowAttrs({ node, inputs }: WebContext, last: Last): WebAttrs {
	const padding = stringAttr(node, "padding");
	return {
		T: type(inputs[0].dtype),
		ksize: ints(last(intsAttr(node, "ksize"))),
		strides: ints(last(intsAttr(node, "strides"))),
		padding: text(padding === "EXPLICIT" ? "VALID" : padding),
	};
}

/** What slides over a picture; TensorFlow.js wants channels last, and pads by SAME or VALID. */
function pooled(op: string): WebLowering {
	return (context) =>
		channelsLast(context, 0, (picture, last) => {
			const { node, inputs, emit, scalar } = context;
			const { dtype } = inputs[0];
			const isListed = stringAttr(node, "padding") === "EXPLICIT";
			const padded = isListed
				? paddedAsListed(context, picture, last, scalar(LEAST(dtype), dtype))
				: picture;
			return [emit(op, [padded], windowAttrs(context, last))];
		});
}

/** One number a channel. */
const bias: WebLowering = (context) => {
	const { node, inputs, input, emit, ints: vector } = context;
	if (!String(node.attrs.data_format).startsWith("NC"))
		return emit("AddV2", [input(0), input(1)]);
	const rank = inputs[0].shape?.length;
	if (rank === undefined)
		throw unfit("TensorFlow.js must know how many axes the picture has");
	const axes = [-1, ...new Array<number>(rank - 2).fill(1)];
	return emit("AddV2", [input(0), emit("Reshape", [input(1), vector(axes)])]);
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
	...convolutionRows,
	MaxPool: pooled("MaxPool"),
	AvgPool: pooled("AvgPool"),
	MaxPool3D: pooled("MaxPool3D"),
	AvgPool3D: pooled("AvgPool3D"),
	MaxPoolWithArgmax: maxPoolWithArgmax,
	BiasAdd: bias,
	FusedBatchNorm: batchNorm,
	FusedBatchNormV2: batchNorm,
	FusedBatchNormV3: batchNorm,
	LRN: normalization,
	Softmax: same(),
	LogSoftmax: same(),
};
