import { TensorType } from "../../../../gen/tflite.js";
import { boolAttr, dtypeAttr, intAttr } from "../../../graph/attrs.js";
import { type LiteOp, liteType } from "../../../lite/schema.js";
import type { reduceOps } from "../../../ops/reduce.js";
import { isStatic } from "../../../ops/shapes.js";
import { arithmetic } from "../arithmetic.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../lowering.js";
import { INTEGERS, int32Input } from "./numbers.js";

/** What the reduction of nothing is; kernels give what memory holds. */
const NOTHING: { readonly [Op in LiteOp]?: number } = {
	SUM: 0,
	MEAN: Number.NaN,
	REDUCE_PROD: 1,
	REDUCE_ALL: 1,
	REDUCE_ANY: 0,
	REDUCE_MAX: -Infinity,
	REDUCE_MIN: Infinity,
};

/** Without axes there is nothing to reduce. */
function reduced(
	context: LiteContext,
	op: LiteOp,
	value: LiteValue,
): LiteValue {
	const { node, inputs, outputs, emit, ints, scalar, weight } = context;
	if (inputs[1].shape?.includes(0) === true) return value;
	if (inputs[0].shape?.includes(0) === true) {
		const nothing = NOTHING[op];
		const { shape } = outputs[0];
		if (!isStatic(shape) || nothing === undefined)
			throw unfit("TensorFlow Lite does not reduce what has no elements");
		const { dtype } = value;
		const limits = INTEGERS[dtype];
		const filling =
			Number.isFinite(nothing) || limits === undefined
				? scalar(dtype, nothing)
				: weight({ dtype, shape: [], data: limits[nothing < 0 ? 0 : 1] });
		return emit("FILL", [ints(shape), filling], { dtype, shape });
	}
	return emit(
		op,
		[value, int32Input(context, 1)],
		{ dtype: value.dtype, shape: outputs[0].shape },
		["ReducerOptions", { keepDims: boolAttr(node, "keep_dims") }],
	);
}

const reduction =
	(op: LiteOp): LiteLowering =>
	(context) =>
		reduced(context, op, context.input(0));

const euclideanNorm: LiteLowering = (context) => {
	const { of, mul } = arithmetic(context);
	const x = context.input(0);
	return of("SQRT", reduced(context, "SUM", mul(x, x)));
};

const extreme =
	(op: "ARG_MAX" | "ARG_MIN"): LiteLowering =>
	(context) => {
		const { node, input, emit, outputs, cast } = context;
		const wanted = dtypeAttr(node, "output_type");
		const dtype = wanted === "int64" ? "int64" : "int32";
		const axis = cast(input(1), "int32");
		const outputType = liteType(dtype) ?? TensorType.INT32;
		const place = emit(
			op,
			[input(0), axis],
			{ dtype, shape: outputs[0].shape },
			op === "ARG_MAX"
				? ["ArgMaxOptions", { outputType }]
				: ["ArgMinOptions", { outputType }],
		);
		return cast(place, wanted);
	};

const cumulative: LiteLowering = ({ node, input, emit, cast }) =>
	emit("CUMSUM", [input(0), cast(input(1), "int32")], input(0), [
		"CumsumOptions",
		{
			exclusive: boolAttr(node, "exclusive"),
			reverse: boolAttr(node, "reverse"),
		},
	]);

function largest(context: LiteContext, count: LiteValue): readonly LiteValue[] {
	const { input, emitMany, outputs, cast } = context;
	const [values, places] = emitMany(
		"TOPK_V2",
		[input(0), cast(count, "int32")],
		[outputs[0], { dtype: "int32", shape: outputs[1].shape }],
	);
	return [values, cast(places, outputs[1].dtype)];
}

const unique: LiteLowering = ({ node, input, emitMany, outputs }) =>
	emitMany("UNIQUE", [input(0)], outputs, [
		"UniqueOptions",
		{ idxOutType: liteType(dtypeAttr(node, "out_idx")) },
	]);

const uniqueRows: LiteLowering = (context) => {
	if (context.inputs[1].shape?.[0] !== 0)
		throw unfit("TensorFlow Lite looks for unique numbers, not for rows");
	return unique(context);
};

const segments =
	(op: LiteOp): LiteLowering =>
	({ input, emit, cast, outputs }) =>
		emit(
			op,
			[input(0), cast(input(1), "int32"), cast(input(2), "int32")],
			outputs[0],
		);

const counting = unsupported("TensorFlow Lite counts nothing");
const products = unsupported("TensorFlow Lite adds along an axis only");
const sparse = unsupported("TensorFlow Lite reduces no rows that are picked");

export const reduceRows: LiteTable<typeof reduceOps> = {
	Sum: reduction("SUM"),
	Prod: reduction("REDUCE_PROD"),
	Max: reduction("REDUCE_MAX"),
	Min: reduction("REDUCE_MIN"),
	Mean: reduction("MEAN"),
	EuclideanNorm: euclideanNorm,
	All: reduction("REDUCE_ALL"),
	Any: reduction("REDUCE_ANY"),
	ArgMax: extreme("ARG_MAX"),
	ArgMin: extreme("ARG_MIN"),
	Cumsum: cumulative,
	Cumprod: products,
	CumulativeLogsumexp: products,
	Bincount: counting,
	DenseBincount: counting,
	TopK: (context) =>
		largest(context, context.scalar("int32", intAttr(context.node, "k"))),
	TopKV2: (context) => largest(context, context.input(1)),
	Unique: unique,
	UniqueV2: uniqueRows,
	UnsortedSegmentSum: segments("UNSORTED_SEGMENT_SUM"),
	UnsortedSegmentProd: segments("UNSORTED_SEGMENT_PROD"),
	UnsortedSegmentMax: segments("UNSORTED_SEGMENT_MAX"),
	UnsortedSegmentMin: segments("UNSORTED_SEGMENT_MIN"),
	SparseSegmentSum: sparse,
	SparseSegmentMean: sparse,
	SparseSegmentSqrtN: sparse,
	SparseSegmentSumWithNumSegments: sparse,
	SparseSegmentMeanWithNumSegments: sparse,
	SparseSegmentSqrtNWithNumSegments: sparse,
	UniqueWithCounts: counting,
	UniqueWithCountsV2: counting,
};
