import { stringAttr } from "../../../../graph/attrs.js";
import type { scatteringOps } from "../../../../ops/array/scattering.js";
import { arithmetic } from "../../arithmetic.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../../lowering.js";
import { int32Input } from "../numbers.js";
import { selected, shapeOf } from "../rows.js";

const scatter: LiteLowering = (context) => {
	const { emit, input, cast, outputs, node } = context;
	const places = cast(input(0), "int32");
	const shape = int32Input(context, 2);
	return stringAttr(node, "bad_indices_policy") === "IGNORE"
		? scatteredInside(context, places, shape)
		: emit("SCATTER_ND", [places, input(1), shape], outputs[0]);
};

/** What lies outside is put into a row behind the last one, which is cut off. */
function scatteredInside(
	context: LiteContext,
	places: LiteValue,
	shape: LiteValue,
): LiteValue {
	const { emit, ints, input, outputs, inputs } = context;
	const { less, both, choose, add, mul } = arithmetic(context);
	const rank = inputs[2].shape?.[0] ?? -1;
	const depth = emit(
		"STRIDED_SLICE",
		[shapeOf(context, places), ints([-1]), ints([0]), ints([1])],
		{ dtype: "int32", shape: [1] },
		["StridedSliceOptions", { endMask: 1 }],
	);
	const limits = emit("SLICE", [shape, ints([0]), depth], {
		dtype: "int32",
		shape: [-1],
	});
	if (rank < 1)
		throw unfit("TensorFlow Lite must know how many axes there are");
	const isInside = both("LOGICAL_AND", less(-1, places), less(places, limits));
	const isWhole = emit(
		"REDUCE_ALL",
		[isInside, ints([-1])],
		{ dtype: "bool", shape: undefined },
		["ReducerOptions", { keepDims: true }],
	);
	const first = ints([1, ...new Array<number>(rank - 1).fill(0)]);
	const behind = emit("SLICE", [mul(shape, first), ints([0]), depth], {
		dtype: "int32",
		shape: [-1],
	});
	const larger = emit(
		"SCATTER_ND",
		[choose(isWhole, places, behind), input(1), add(shape, first)],
		{ dtype: input(1).dtype, shape: outputs[0].shape?.map(() => -1) },
	);
	return emit(
		"SLICE",
		[larger, ints(new Array<number>(rank).fill(0)), shape],
		outputs[0],
	);
}

/** Updates where the indices say, zeros elsewhere. */
function scattered(context: LiteContext, updates: LiteValue): LiteValue {
	const { emit, input, cast } = context;
	return emit(
		"SCATTER_ND",
		[cast(input(1), "int32"), updates, shapeOf(context, input(0))],
		{ dtype: updates.dtype, shape: input(0).shape },
	);
}

const add: LiteLowering = (context) =>
	arithmetic(context).add(
		context.input(0),
		scattered(context, context.input(2)),
	);

/** What no index names stays. */
const update: LiteLowering = (context) => {
	const { emit, input, scalar } = context;
	const ones = emit("FILL", [shapeOf(context, input(2)), scalar("int32", 1)], {
		dtype: "int32",
		shape: input(2).shape,
	});
	const isNamed = arithmetic(context).less(0, scattered(context, ones));
	return selected(context, isNamed, scattered(context, input(2)), input(0));
};

const extreme = unsupported("TensorFlow Lite adds what it scatters");

export const scatteringRows: LiteTable<typeof scatteringOps> = {
	ScatterNd: scatter,
	TensorScatterUpdate: update,
	TensorScatterAdd: add,
	TensorScatterMax: extreme,
	TensorScatterMin: extreme,
};
