import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { indexingOps } from "../../../../ops/array/indexing.js";
import {
	type SliceItem,
	sliceItems,
} from "../../../../ops/array/strided-slice.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { constantNumbers } from "./arrangement.js";
import { knownRank } from "./shape.js";

/** Beyond any axis: "to the end", in either direction. */
const END = 2 ** 31 - 1;

const gather: Lowering = (context) => {
	const [axis] = constantNumbers(context, 2);
	const batchDims = intAttr(context.node, "batch_dims");
	if (batchDims !== 0) return gatherInBatches(context, axis, batchDims);
	return context.emit("Gather", [context.input(0), context.input(1)], { axis });
};

/** With batch dimensions up to the axis it is a GatherND of one index; others need loops of reshaping that no model has wanted. */
function gatherInBatches(
	context: LowerContext,
	axis: number,
	batchDims: number,
): OnnxValue {
	const rank = knownRank(context);
	const batch = normalizeAxis(batchDims, knownRank(context, 1) + 1);
	if (normalizeAxis(axis, rank) !== batch)
		throw fail(
			"UNSUPPORTED",
			`cannot lower GatherV2 with ${batch} batch dimensions along axis ${axis}: ONNX gathers along the axis behind them`,
		);
	const indices = context.emit("Unsqueeze", [
		context.cast(context.input(1), "int64"),
		context.ints([-1]),
	]);
	return context.emit("GatherND", [context.input(0), indices], {
		batch_dims: batch,
	});
}

const slice: Lowering = (context) => {
	const rank =
		context.inputs[0].shape?.length ?? context.outputs[0].shape?.length ?? 0;
	const axes = context.ints(Array.from({ length: rank }, (_, i) => i));
	const [begin, sizes] = [context.constant(1), context.constant(2)].map(
		(tensor) =>
			tensor === undefined
				? undefined
				: Array.from(tensor.data as ArrayLike<number | bigint>, Number),
	);
	if (begin !== undefined && sizes !== undefined) {
		const ends = sizes.map((size, i) => (size < 0 ? END : begin[i] + size));
		return context.emit("Slice", [
			context.input(0),
			context.ints(begin),
			context.ints(ends),
			axes,
		]);
	}
	const [start, size] = [
		context.cast(context.input(1), "int64"),
		context.cast(context.input(2), "int64"),
	];
	const isRest = context.emit(
		"Less",
		[size, context.scalar("int64", 0)],
		{},
		{ dtype: "bool" },
	);
	const ends = context.emit(
		"Where",
		[isRest, context.scalar("int64", END), context.emit("Add", [start, size])],
		{},
		{ dtype: "int64" },
	);
	return context.emit("Slice", [context.input(0), start, ends, axes]);
};

const stridedSlice: Lowering = (context) => {
	const count =
		context.inputs[1].shape?.[0] ?? context.inputs[3].shape?.[0] ?? -1;
	const rank = knownRank(context);
	if (count < 0)
		throw fail(
			"UNSUPPORTED",
			"cannot lower StridedSlice: the number of its indices is not known",
		);
	const items = sliceItems(context.node, count, rank);
	const cut = items.filter(
		(item) => item.kind === "range" || item.kind === "index",
	);
	const sliced = cut.length === 0 ? context.input(0) : slicedAxes(context, cut);
	return withNewAxes(context, withoutIndexed(context, sliced, items), items);
};

type CutItem = Extract<SliceItem, { kind: "range" | "index" }>;

function slicedAxes(context: LowerContext, cut: readonly CutItem[]): OnnxValue {
	const axes = context.ints(cut.map(({ axis }) => axis));
	const steps = context.ints(cut.map((item) => stepOf(context, item)));
	const begin = bounds(context, 1, cut);
	const end = bounds(context, 2, cut);
	return context.emit("Slice", [context.input(0), begin, end, axes, steps]);
}

function stepOf(context: LowerContext, item: CutItem): number {
	return item.kind === "index" ? 1 : constantNumbers(context, 3)[item.at];
}

/** Where each axis starts (input 1) or stops (input 2): constants if they are, else picked out of the vector. */
function bounds(
	context: LowerContext,
	index: 1 | 2,
	cut: readonly CutItem[],
): OnnxValue {
	const known = [1, 2]
		.map((input) => context.constant(input))
		.map((tensor) =>
			tensor === undefined
				? undefined
				: Array.from(tensor.data as ArrayLike<number | bigint>, Number),
		);
	const [begin, end] = known;
	const fixed = cut.map((item) =>
		fixedBound(item, index, begin, end, stepOf(context, item)),
	);
	if (fixed.every((bound) => bound !== undefined)) return context.ints(fixed);
	const scalars = cut.map((item, i) => {
		const bound = fixed[i];
		return bound === undefined
			? runTimeBound(context, item, index)
			: context.ints([bound]);
	});
	return scalars.length === 1
		? scalars[0]
		: context.emit("Concat", scalars, { axis: 0 });
}

function fixedBound(
	item: CutItem,
	index: 1 | 2,
	begin: readonly number[] | undefined,
	end: readonly number[] | undefined,
	step: number,
): number | undefined {
	if (item.kind === "index") {
		const at = begin?.[item.at];
		if (at === undefined || index === 1) return at;
		return at === -1 ? END : at + 1;
	}
	if (index === 1) return item.hasBegin ? begin?.[item.at] : step > 0 ? 0 : END;
	return item.hasEnd ? end?.[item.at] : step > 0 ? END : -END;
}

function runTimeBound(
	context: LowerContext,
	item: CutItem,
	index: 1 | 2,
): OnnxValue {
	const pick = (input: number) =>
		context.emit("Slice", [
			context.cast(context.input(input), "int64"),
			context.ints([item.at]),
			context.ints([item.at + 1]),
			context.ints([0]),
		]);
	if (item.kind === "range" || index === 1) return pick(index);
	// the element behind -1 is not 0 but the end
	const next = context.emit("Add", [pick(1), context.ints([1])]);
	const isLast = context.emit(
		"Equal",
		[next, context.ints([0])],
		{},
		{ dtype: "bool" },
	);
	return context.emit(
		"Where",
		[isLast, context.ints([END]), next],
		{},
		{ dtype: "int64" },
	);
}

function withoutIndexed(
	context: LowerContext,
	value: OnnxValue,
	items: readonly SliceItem[],
): OnnxValue {
	const axes = items.flatMap((item) =>
		item.kind === "index" ? [item.axis] : [],
	);
	return axes.length === 0
		? value
		: context.emit("Squeeze", [value, context.ints(axes)]);
}

function withNewAxes(
	context: LowerContext,
	value: OnnxValue,
	items: readonly SliceItem[],
): OnnxValue {
	const kept = items.filter(({ kind }) => kind !== "index");
	const axes = kept.flatMap(({ kind }, position) =>
		kind === "new" ? [position] : [],
	);
	return axes.length === 0
		? value
		: context.emit("Unsqueeze", [value, context.ints(axes)]);
}

const scatterNd: Lowering = (context) => {
	const { dtype } = context.inputs[1];
	const zeros = context.emit("Expand", [
		context.scalar(dtype, 0),
		context.cast(context.input(2), "int64"),
	]);
	return context.emit(
		"ScatterND",
		[zeros, context.cast(context.input(0), "int64"), context.input(1)],
		{ reduction: "add" },
	);
};

function scatterInto(reduction: string): Lowering {
	return (context) =>
		context.emit(
			"ScatterND",
			[
				context.input(0),
				context.cast(context.input(1), "int64"),
				context.input(2),
			],
			{ reduction },
		);
}

/** Indices out of range give a row of "off" in TensorFlow; ONNX counts negative ones from the end, so they are moved beyond it. */
const oneHot: Lowering = (context) => {
	const depth = context.emit("Reshape", [
		context.cast(context.input(1), "int64"),
		context.ints([]),
	]);
	const indices = context.cast(context.input(0), "int64");
	const isNegative = context.emit(
		"Less",
		[indices, context.scalar("int64", 0)],
		{},
		{ dtype: "bool" },
	);
	const safe = context.emit(
		"Where",
		[isNegative, depth, indices],
		{},
		{ dtype: "int64" },
	);
	const values = context.emit(
		"Concat",
		[3, 2].map((index) =>
			context.emit("Reshape", [context.input(index), context.ints([1])]),
		),
		{ axis: 0 },
	);
	const classes = context.emit("Range", [
		context.scalar("int64", 0),
		depth,
		context.scalar("int64", 1),
	]);
	const rank = knownRank(context);
	const axis = normalizeAxis(intAttr(context.node, "axis"), rank + 1);
	const shape = Array.from({ length: rank + 1 }, (_, i) =>
		i === axis ? -1 : 1,
	);
	const isHot = context.emit(
		"Equal",
		[
			context.emit("Unsqueeze", [safe, context.ints([axis])]),
			context.emit("Reshape", [classes, context.ints(shape)]),
		],
		{},
		{ dtype: "bool" },
	);
	return context.emit("Gather", [values, context.cast(isHot, "int64")]);
};

const where: Lowering = (context) => {
	const { dtype } = context.inputs[0];
	const isTrue =
		dtype === "bool"
			? context.input(0)
			: context.emit("Not", [
					context.emit(
						"Equal",
						[context.input(0), context.scalar(dtype, 0)],
						{},
						{ dtype: "bool" },
					),
				]);
	const places = context.emit("NonZero", [isTrue], {}, { dtype: "int64" });
	return context.emit("Transpose", [places], { perm: [1, 0] });
};

/** Where each index stands: put 0, 1, 2, … at the places that the permutation names. */
const invertPermutation: Lowering = (context) => {
	const order = context.cast(context.input(0), "int64");
	const count = context.emit("Size", [order], {}, { dtype: "int64" });
	const positions = context.emit("Range", [
		context.scalar("int64", 0),
		count,
		context.scalar("int64", 1),
	]);
	return context.cast(
		context.emit("ScatterElements", [order, order, positions], { axis: 0 }),
		context.outputs[0].dtype,
	);
};

export const indexingLowerings: LoweringTable<typeof indexingOps> = {
	GatherV2: gather,
	GatherNd: (context) =>
		context.emit("GatherND", [
			context.input(0),
			context.cast(context.input(1), "int64"),
		]),
	Slice: slice,
	StridedSlice: stridedSlice,
	ScatterNd: scatterNd,
	TensorScatterUpdate: scatterInto("none"),
	TensorScatterAdd: scatterInto("add"),
	TensorScatterSub: (context) => {
		const negative = context.emit("Neg", [context.input(2)]);
		return context.emit(
			"ScatterND",
			[context.input(0), context.cast(context.input(1), "int64"), negative],
			{ reduction: "add" },
		);
	},
	TensorScatterMax: scatterInto("max"),
	TensorScatterMin: scatterInto("min"),
	OneHot: oneHot,
	Where: where,
	InvertPermutation: invertPermutation,
};
