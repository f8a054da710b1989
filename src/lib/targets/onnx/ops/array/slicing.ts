import { fail } from "../../../../errors.js";
import type { slicingOps } from "../../../../ops/array/slicing.js";
import {
	type SliceItem,
	sliceItems,
} from "../../../../ops/array/strided-slice.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { gathered } from "./gathering.js";
import { integerVector, knownIntegers } from "./integers.js";
import {
	arranged,
	type Oriented,
	oriented,
	orientedAxes,
} from "./orientation.js";

/** Beyond any axis: "to the end", in either direction. */
const END = 2 ** 31 - 1;
/** Beyond any axis, also on the way back, where ONNX Runtime takes END for the start of the axis. */
const BEHIND = END - 1;

const slice: Lowering = (context) => {
	const { inputs, outputs, ints, emit } = context;
	const rank = inputs[0].shape?.length ?? outputs[0].shape?.length;
	const { value, axis, result } = oriented(context);
	const axes =
		rank === undefined
			? undefined
			: ints(Array.from({ length: rank }, (_, i) => axis(i)));
	const [begin, sizes] = [knownIntegers(context, 1), knownIntegers(context, 2)];
	if (begin !== undefined && sizes !== undefined) {
		const ends = sizes.map((size, i) => (size < 0 ? END : begin[i] + size));
		return result(emit("Slice", [value, ints(begin), ints(ends), axes]));
	}
	const [start, size] = [integerVector(context, 1), integerVector(context, 2)];
	const isRest = emit("Less", [size, ints([0])], {}, { dtype: "bool" });
	const ends = emit("Where", [isRest, ints([END]), emit("Add", [start, size])]);
	return result(emit("Slice", [value, start, ends, axes]));
};

const stridedSlice: Lowering = (context) => {
	const { inputs } = context;
	const [count] = [1, 2, 3]
		.map((index) => inputs[index].shape?.[0] ?? -1)
		.filter((length) => length >= 0);
	if (count === undefined)
		throw fail(
			"UNSUPPORTED",
			"cannot lower StridedSlice: the number of its indices is not known",
		);
	const rank = inputs[0].shape?.length;
	const items = sliceItems(context.node, count, rank);
	const orientation = oriented(context);
	const cut = slicedRanges(context, items, orientation);
	return rank === undefined
		? pickedWithoutRank(context, cut, items)
		: picked(context, cut, items, rank);
};

type RangeItem = Extract<SliceItem, { kind: "range" }>;
type IndexItem = Extract<SliceItem, { kind: "index" }>;

const isRange = (item: SliceItem): item is RangeItem => item.kind === "range";
const isIndex = (item: SliceItem): item is IndexItem => item.kind === "index";

/** Begin, end and step of all ranges in one Slice; a range of everything needs none. */
function slicedRanges(
	context: LowerContext,
	items: readonly SliceItem[],
	{ value, axis }: Oriented,
): OnnxValue {
	const steps = knownIntegers(context, 3);
	const ranges = items
		.filter(isRange)
		.filter(
			({ hasBegin, hasEnd, at }) => hasBegin || hasEnd || steps?.[at] !== 1,
		);
	if (ranges.length === 0) return value;
	const begin = bounds(context, ranges, 1, (item, step) =>
		item.hasBegin ? undefined : step > 0 ? 0 : END,
	);
	const end = bounds(context, ranges, 2, (item, step) =>
		item.hasEnd ? undefined : step > 0 ? END : -END,
	);
	const axes = context.ints(ranges.map((item) => axis(item.axis)));
	const step = bounds(context, ranges, 3);
	const stop = ranges.some((item) => mayStartBefore(context, item))
		? emptyBefore(context, begin, end, step, sizesOf(context, value, axes))
		: end;
	return {
		...value,
		...context.emit("Slice", [value, begin, stop, axes, step]),
	};
}

/** Whether a range may go backwards from before the first element: it takes nothing, but ONNX starts at the first. */
function mayStartBefore(context: LowerContext, item: RangeItem): boolean {
	const begin = knownIntegers(context, 1)?.[item.at] ?? -END;
	const step = knownIntegers(context, 3)?.[item.at] ?? -1;
	const size = context.inputs[0].shape?.[item.axis] ?? -1;
	return item.hasBegin && step < 0 && begin < (size > 0 ? -size : -1);
}

/** Ends of ranges, beyond their begins where these are before the first element. */
function emptyBefore(
	{ emit, ints }: LowerContext,
	begin: OnnxValue,
	end: OnnxValue,
	step: OnnxValue,
	sizes: OnnxValue,
): OnnxValue {
	const isNegative = (value: OnnxValue) =>
		emit("Less", [value, ints([0])], {}, { dtype: "bool" });
	const isBefore = isNegative(emit("Add", [begin, sizes]));
	const isEmpty = emit("And", [isBefore, isNegative(step)]);
	return emit("Where", [isEmpty, ints([BEHIND]), end]);
}

function sizesOf(
	{ emit }: LowerContext,
	value: OnnxValue,
	axes: OnnxValue,
): OnnxValue {
	const shape = emit("Shape", [value], {}, { dtype: "int64" });
	return emit("Gather", [shape, axes]);
}

/** Elements of input `index`, one a range; `masked` is what stands for one that is left open. */
function bounds(
	context: LowerContext,
	ranges: readonly RangeItem[],
	index: 1 | 2 | 3,
	masked: (item: RangeItem, step: number) => number | undefined = () =>
		undefined,
): OnnxValue {
	const { emit, ints } = context;
	const [given, steps] = [
		knownIntegers(context, index),
		knownIntegers(context, 3),
	];
	const values = ranges.map((item): number | OnnxValue => {
		const step = steps?.[item.at];
		const [forward, backward] = [masked(item, 1), masked(item, -1)];
		const pick = (input: number) =>
			emit("Gather", [integerVector(context, input), ints([item.at])]);
		if (forward === undefined || backward === undefined)
			return given?.[item.at] ?? pick(index);
		if (step !== undefined) return step > 0 ? forward : backward;
		const isForward = emit("Less", [ints([0]), pick(3)], {}, { dtype: "bool" });
		return emit("Where", [isForward, ints([forward]), ints([backward])]);
	});
	if (values.every((value) => typeof value === "number")) return ints(values);
	return emit(
		"Concat",
		values.map((value) => (typeof value === "number" ? ints([value]) : value)),
		{ axis: 0 },
	);
}

/** Takes one element of each axis that has an index, and names the axes that are left and new. */
function picked(
	context: LowerContext,
	value: OnnxValue,
	items: readonly SliceItem[],
	rank: number,
): OnnxValue {
	const axes = orientedAxes(context, rank);
	const kept = items.filter((item) => !isIndex(item));
	const places = new Map(
		kept.flatMap((item, place) =>
			"axis" in item ? [[item.axis, place] as const] : [],
		),
	);
	const result = items
		.filter(isIndex)
		.map((item) => ({ item, axis: axes.indexOf(item.axis) }))
		// the last first, so that the others keep their places
		.sort((a, b) => b.axis - a.axis)
		.reduce(
			(current, { item, axis }) => pick(context, current, item, axis),
			value,
		);
	return arranged(
		context,
		result,
		axes.flatMap((axis) => places.get(axis) ?? []),
		kept.flatMap(({ kind }, place) => (kind === "new" ? [place] : [])),
	);
}

/** As `picked`, where axes behind the ellipsis are counted from the end. */
function pickedWithoutRank(
	context: LowerContext,
	value: OnnxValue,
	items: readonly SliceItem[],
): OnnxValue {
	const rest = items.findIndex(({ kind }) => kind === "rest");
	const [front, back] = [items.slice(0, rest), items.slice(rest)];
	// each leaves the axes that are picked after it where they are
	const indexed = [...front.filter(isIndex).reverse(), ...back.filter(isIndex)];
	const result = indexed.reduce(
		(current, item) => pick(context, current, item, item.axis),
		value,
	);
	const isKept = (item: SliceItem) => !isIndex(item);
	const behind = back.filter(isKept);
	const fresh = [
		...front
			.filter(isKept)
			.flatMap(({ kind }, place) => (kind === "new" ? [place] : [])),
		...behind.flatMap(({ kind }, place) =>
			kind === "new" ? [place - behind.length] : [],
		),
	];
	return fresh.length === 0
		? result
		: context.emit("Unsqueeze", [result, context.ints(fresh)]);
}

function pick(
	context: LowerContext,
	value: OnnxValue,
	item: IndexItem,
	axis: number,
): OnnxValue {
	return gathered(context, value, indexOf(context, item), axis);
}

/** Where to take one element: TensorFlow too counts negative ones from the end. */
function indexOf(context: LowerContext, { at }: IndexItem): OnnxValue {
	const known = knownIntegers(context, 1)?.[at];
	return known === undefined
		? context.emit("Gather", [
				integerVector(context, 1),
				context.scalar("int64", at),
			])
		: context.scalar("int64", known);
}

export const slicingLowerings: LoweringTable<typeof slicingOps> = {
	Slice: slice,
	StridedSlice: stridedSlice,
};
