import { intsAttr } from "../../../../graph/attrs.js";
import type { LiteOp } from "../../../../lite/schema.js";
import type { poolingOps } from "../../../../ops/nn/pooling.js";
import {
	axisLayout,
	spatialItems,
	type Window,
	windowOf,
	windowPads,
} from "../../../../ops/nn/window.js";
import { DTYPES } from "../../../../tensor/dtype.js";
import { arithmetic } from "../../arithmetic.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../../lowering.js";
import { inNodeOrder, picture } from "../channels.js";
import { INTEGERS } from "../numbers.js";
import { slidShape } from "./convolution.js";
import { paddedBy, slid } from "./padding.js";

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

function isWhole({ inputs: [{ dtype }] }: LiteContext): boolean {
	return DTYPES[dtype].kind === "int" || DTYPES[dtype].kind === "bigint";
}

/** Integers, which no kernel pools as the plain numbers that they are: a slice for each place in the window, and the largest. */
function largestOf(context: LiteContext, window: Window): LiteValue {
	const { emit, ints } = context;
	const value = picture(context, 0);
	const least = INTEGERS[value.dtype]?.[0];
	const sizes = value.shape?.slice(1, -1);
	if (sizes === undefined || least === undefined)
		throw unfit(`TensorFlow Lite pools no ${value.dtype}`);
	const pads =
		window.padding === "VALID" ? [] : windowPads(window, sizes)?.flat();
	if (pads === undefined)
		throw unfit("TensorFlow Lite must know the size of the picture");
	const padded = pads.some((count) => count > 0)
		? paddedBy(context, value, pads, least)
		: value;
	const valid: Window = { ...window, padding: "VALID" };
	const { kernel, strides } = window;
	const result = {
		dtype: value.dtype,
		shape: slidShape(padded, valid, value.shape?.at(-1) ?? -1),
	};
	const slices = places(kernel).map((place) => {
		const left = place.map((at, axis) => at + 1 - kernel[axis]);
		const isLast = left.map((end) => end === 0);
		return emit(
			"STRIDED_SLICE",
			[
				padded,
				ints([0, ...place, 0]),
				ints([0, ...left, 0]),
				ints([1, ...strides, 1]),
			],
			result,
			[
				"StridedSliceOptions",
				{
					beginMask: 0b1001,
					endMask: 0b1001 | (isLast[0] ? 0b10 : 0) | (isLast[1] ? 0b100 : 0),
				},
			],
		);
	});
	const { max } = arithmetic(context);
	return slices.reduce((most, slice) => max(most, slice));
}

/** Rows and columns of a window. */
function places([rows, columns]: readonly number[]): readonly number[][] {
	return Array.from({ length: rows * columns }, (_, i) => [
		Math.floor(i / columns),
		i % columns,
	]);
}

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
	if (op === "MAX_POOL_2D" && isWhole(context))
		return largestOf(context, window);
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
