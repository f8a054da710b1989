import { intsAttr } from "../../../../graph/attrs.js";
import type { LiteOp } from "../../../../lite/schema.js";
import type { poolingOps } from "../../../../ops/nn/pooling.js";
import {
	axisLayout,
	spatialItems,
	windowOf,
} from "../../../../ops/nn/window.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../../lowering.js";
import { inNodeOrder, picture } from "../channels.js";
import { slidShape } from "./convolution.js";
import { slid } from "./padding.js";

const volumes = unsupported("TensorFlow Lite pools pictures, no volumes");

export const poolingRows: LiteTable<typeof poolingOps> = {
	MaxPool: pool("MAX_POOL_2D", -3.4028234663852886e38),
	AvgPool: pool("AVERAGE_POOL_2D", 0),
	MaxPool3D: volumes,
	AvgPool3D: volumes,
	MaxPoolWithArgmax: unsupported(
		"TensorFlow Lite does not tell where a maximum was",
	),
};

/** `padNumber` is what counts for nothing. */
function pool(op: LiteOp, padNumber: number): LiteLowering {
	return (context) => inNodeOrder(context, pooled(context, op, padNumber));
}

function pooled(
	context: LiteContext,
	op: LiteOp,
	padNumber: number,
): LiteValue {
	const { node, emit } = context;
	const layout = axisLayout(node);
	const sizes = intsAttr(node, "ksize");
	if (sizes[0] !== 1 || sizes[layout.channels] !== 1)
		throw unfit("TensorFlow Lite pools rows and columns only");
	const kernel = spatialItems(sizes, layout);
	const window = windowOf(node, layout, kernel);
	const from = slid(context, picture(context, 0), window, padNumber);
	const [filterHeight, filterWidth] = kernel;
	const [strideH, strideW] = window.strides;
	return emit(
		op,
		[from.value],
		{
			dtype: from.value.dtype,
			shape: slidShape(from.value, from.window, from.value.shape?.at(-1) ?? -1),
		},
		[
			"Pool2DOptions",
			{ padding: from.padding, strideH, strideW, filterHeight, filterWidth },
		],
	);
}
