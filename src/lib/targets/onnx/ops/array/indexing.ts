import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { indexingOps } from "../../../../ops/array/indexing.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import type { DType } from "../../../../tensor/dtype.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { middleAxis } from "../../middle-axis.js";
import { gathered } from "./gathering.js";
import {
	areThere,
	integerScalar,
	integerVector,
	knownIntegers,
	knownRank,
	strictIndices,
} from "./integers.js";
import { arranged, oriented } from "./orientation.js";
import { zeroOf } from "./zero.js";

const gather: Lowering = (context) => {
	const { inputs, node } = context;
	const axis = knownIntegers(context, 2)?.[0];
	const batchDims = intAttr(node, "batch_dims");
	if (batchDims !== 0) return gatherInBatches(context, axis, batchDims);
	const indices = strictIndices(context, 1);
	if (axis === undefined) return gatherAlong(context, indices);
	if (inputs[1].shape?.length !== 1)
		return gathered(context, context.input(0), indices, axis);
	const { value, axis: axisOf, result } = oriented(context);
	return result(gathered(context, value, indices, axisOf(axis)));
};

/** Gathers along an axis that is known at run time only. */
function gatherAlong(context: LowerContext, indices: OnnxValue): OnnxValue {
	const { emit, input } = context;
	const axis = integerVector(context, 2);
	const middle = middleAxis(context, input(0), axis);
	const taken = gathered(context, middle.value, indices, 1);
	return middle.restored(
		taken,
		emit("Shape", [indices], {}, { dtype: "int64" }),
	);
}

/** GatherND picks along the axis behind the batch, so the axis is brought there, and the others back behind it. */
function gatherInBatches(
	context: LowerContext,
	axis: number | undefined,
	batchDims: number,
): OnnxValue {
	const { emit, ints } = context;
	const [rank, indexRank] = [knownRank(context), knownRank(context, 1)];
	const batch = batchDims < 0 ? batchDims + indexRank : batchDims;
	const at = normalizeAxis(axis ?? batch, rank);
	const places = emit("Unsqueeze", [
		strictIndices(context, 1, "int64"),
		ints([-1]),
	]);
	const all = Array.from({ length: rank }, (_, i) => i);
	const order = [
		...all.slice(0, batch),
		at,
		...all.slice(batch, at),
		...all.slice(at + 1),
	];
	const turned =
		at === batch
			? context.input(0)
			: emit("Transpose", [context.input(0)], { perm: order });
	const taken = emit("GatherND", [turned, places], { batch_dims: batch });
	// [batch, indices, between, behind] to [batch, between, indices, behind]
	const [indexed, between] = [indexRank - batch, at - batch];
	return arranged(context, taken, [
		...all.slice(0, batch),
		...Array.from({ length: indexed }, (_, i) => batch + between + i),
		...Array.from({ length: between }, (_, i) => batch + i),
		...Array.from({ length: rank - at - 1 }, (_, i) => at + indexed + i),
	]);
}

const gatherNd: Lowering = (context) => {
	const { emit, input, ints, node, scalar } = context;
	const strict = strictIndices(context, 1, "int64");
	if (node.attrs.bad_indices_policy !== "IGNORE")
		return emit("GatherND", [input(0), strict]);
	const depth = context.inputs[1].shape?.at(-1) ?? -1;
	const rest = knownRank(context) - depth;
	const shape = emit("Shape", [input(0)], { end: depth }, { dtype: "int64" });
	const isThere = areThere(context, strict, shape);
	const safe = emit("Where", [isThere, strict, scalar("int64", 0)]);
	const taken = emit("GatherND", [input(0), safe]);
	// one axis of size 1 is there already
	const rows =
		rest === 0
			? emit("Squeeze", [isThere, ints([-1])])
			: Array.from({ length: rest - 1 }).reduce<OnnxValue>(
					(value) => emit("Unsqueeze", [value, ints([-1])]),
					isThere,
				);
	return emit("Where", [rows, taken, zeroOf(context, taken.dtype)]);
};

/**
 * OneHot takes negative indices from the end; TensorFlow gives them a row of "off", as those that are too large. It takes
 * no scalar index either: where there may be one, the indices are a vector first.
 */
const oneHot: Lowering = (context) => {
	const { emit, inputs, ints, node } = context;
	const axis = intAttr(node, "axis");
	const rank = inputs[0].shape?.length;
	const indices = strictIndices(context, 0, "int64");
	if (knownIntegers(context, 1)?.[0] === 0)
		throw fail("UNSUPPORTED", "cannot lower OneHot of depth 0");
	const depth = integerScalar(context, 1);
	if (rank !== 0 && (rank !== undefined || axis !== -1))
		return hotRows(context, indices, depth, axis);
	const flat = emit("Reshape", [indices, ints([-1])]);
	const sizes = [
		emit("Shape", [indices], {}, { dtype: "int64" }),
		emit("Reshape", [depth, ints([1])]),
	];
	return emit(
		"Reshape",
		[hotRows(context, flat, depth, -1), emit("Concat", sizes, { axis: 0 })],
		{ allowzero: 1 },
	);
};

function hotRows(
	{ emit, cast, initializer, input, ints }: LowerContext,
	indices: OnnxValue,
	depth: OnnxValue,
	axis: number,
): OnnxValue {
	const [on, off] = [input(2), input(3)];
	const row = (values: OnnxValue) =>
		emit("OneHot", [indices, depth, values], { axis }, { dtype: values.dtype });
	if (ONE_HOT_TYPES.has(on.dtype)) {
		const values = [off, on].map((value) =>
			emit("Reshape", [value, ints([1])]),
		);
		return row(emit("Concat", values, { axis: 0 }));
	}
	const isHot = row(initializer(tensorFromNumbers("int64", [2], [0, 1])));
	return emit("Where", [cast(isHot, "bool"), on, off]);
}

/** The types of values for which ONNX Runtime has a OneHot with indices of int64. */
const ONE_HOT_TYPES: ReadonlySet<DType> = new Set([
	"float32",
	"int64",
	"string",
]);

/** NonZero, with one row a place; a scalar has no coordinates. */
const where: Lowering = (context) => {
	const { emit, inputs, input, ints } = context;
	const { dtype } = input(0);
	const isZero = () =>
		emit("Equal", [input(0), zeroOf(context, dtype)], {}, { dtype: "bool" });
	const isTrue = dtype === "bool" ? input(0) : emit("Not", [isZero()]);
	const places = emit("NonZero", [isTrue], {}, { dtype: "int64" });
	const rows = emit("Transpose", [places], { perm: [1, 0] });
	return inputs[0].shape?.length === 0
		? emit("Slice", [rows, ints([0]), ints([0]), ints([1])])
		: rows;
};

export const indexingLowerings: LoweringTable<typeof indexingOps> = {
	GatherV2: gather,
	GatherNd: gatherNd,
	OneHot: oneHot,
	Where: where,
};
