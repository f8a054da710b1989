import { fail } from "../../errors.js";
import { dtypeAttr, intsAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import {
	type AxisLayout,
	axisLayout,
	imageShape,
	imageSizes,
	spatialItems,
	type Window,
	windowedSizes,
	windowOf,
} from "./window.js";

const pooling: InferRule = ({ node, inputs: [input] }) => [
	{
		dtype: input.dtype,
		shape: pooledShape(input.shape, poolOf(node), axisLayout(node)),
	},
];

const poolingWithArgmax: InferRule = (context) => {
	const [pooled] = pooling(context);
	return [
		pooled,
		{ dtype: dtypeAttr(context.node, "Targmax"), shape: pooled.shape },
	];
};

export const poolingOps = {
	MaxPool: primitive(pooling),
	MaxPool3D: primitive(pooling),
	MaxPoolWithArgmax: primitive(poolingWithArgmax),
	AvgPool: primitive(pooling),
	AvgPool3D: primitive(pooling),
} as const satisfies Record<string, OpEntry>;

/** A pooling window; `depth` channels are pooled into one (only where the window covers one pixel). */
export interface Pool {
	readonly window: Window;
	readonly depth: number;
}

/** Reads `ksize`, `strides` and padding. Fails with UNSUPPORTED for what TensorFlow does not pool either. */
export function poolOf(node: InferContext["node"]): Pool {
	const layout = axisLayout(node);
	const ksize = intsAttr(node, "ksize");
	const window = windowOf(node, layout, spatialItems(ksize, layout));
	const depth = ksize[layout.channels];
	const strides = intsAttr(node, "strides");
	if (ksize[0] !== 1 || strides[0] !== 1 || strides[layout.channels] !== depth)
		throw fail(
			"UNSUPPORTED",
			`cannot pool with ksize [${ksize}] and strides [${strides}]: the batch is not pooled, and channels only in groups side by side`,
		);
	return { window, depth };
}

function pooledShape(
	shape: Shape,
	{ window, depth }: Pool,
	layout: AxisLayout,
): Shape {
	const { batch, spatial, channels } = imageSizes(shape, layout);
	return imageShape(
		{
			batch,
			spatial: windowedSizes(window, spatial),
			channels: channels < 0 ? -1 : Math.floor(channels / depth),
		},
		layout,
	);
}
