import { intAttr } from "../../../../graph/attrs.js";
import type { slicingOps } from "../../../../ops/array/slicing.js";
import {
	isEmptyRange,
	type SliceItem,
	sliceItems,
} from "../../../../ops/array/strided-slice.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	unfit,
} from "../../lowering.js";
import { int32Input, numbersOf, rankOf } from "../numbers.js";
import { inKnownShape } from "./shape.js";

/** Kernels walk so many axes. */
const SLICED_AXES = 5;

const slice: LiteLowering = (context) => {
	const { input, emit, outputs } = context;
	requireAxes(context);
	return emit(
		"SLICE",
		[input(0), int32Input(context, 1), int32Input(context, 2)],
		outputs[0],
	);
};

function requireAxes(context: LiteContext): void {
	if (rankOf(context, 0) > SLICED_AXES)
		throw unfit(`TensorFlow Lite slices ${SLICED_AXES} axes at most`);
}

/** `x[…]` as a range of each axis, without those that an index took, in the shape that new axes make. */
const stridedSlice: LiteLowering = (context) => {
	const { inputs } = context;
	if (inputs[0].shape !== undefined) requireAxes(context);
	const [begin, end, strides] = [1, 2, 3].map((i) => numbersOf(context, i));
	const { shape } = inputs[0];
	if (!begin || !end || !strides || shape === undefined) return asItIs(context);
	return eachAxis(context, shape, { begin, end, strides });
};

interface Bounds {
	readonly begin: readonly number[];
	readonly end: readonly number[];
	readonly strides: readonly number[];
}

function eachAxis(
	context: LiteContext,
	sizes: readonly number[],
	{ begin, end, strides }: Bounds,
) {
	const { node, input, emit, ints, outputs } = context;
	const items = sliceItems(node, begin.length, sizes.length);
	const first = sizes.map(() => 0);
	const last = sizes.map(() => 0);
	const steps = sizes.map(() => 1);
	let [beginMask, endMask, shrinkAxisMask] = [0, 0, 0];
	for (const item of items) {
		if (item.kind === "new" || item.kind === "rest") continue;
		const { axis } = item;
		const bit = 1 << axis;
		if (item.kind === "all") {
			beginMask |= bit;
			endMask |= bit;
		} else if (item.kind === "index") {
			first[axis] = begin[item.at];
			last[axis] = first[axis] + 1;
			shrinkAxisMask |= bit;
		} else {
			[first[axis], last[axis]] = [begin[item.at], end[item.at]];
			steps[axis] = strides[item.at];
			if (!item.hasBegin) beginMask |= bit;
			if (!item.hasEnd) endMask |= bit;
			if (
				isEmptyRange(item, sizes[axis], first[axis], last[axis], steps[axis])
			) {
				[first[axis], last[axis], steps[axis]] = [0, 0, 1];
				beginMask &= ~bit;
				endMask &= ~bit;
			}
		}
	}
	const hasNew = items.some(({ kind }) => kind === "new");
	const made = emit(
		"STRIDED_SLICE",
		[input(0), ints(first), ints(last), ints(steps)],
		hasNew
			? { dtype: outputs[0].dtype, shape: withoutNew(items, outputs[0].shape) }
			: outputs[0],
		["StridedSliceOptions", { beginMask, endMask, shrinkAxisMask }],
	);
	if (!hasNew) return made;
	return inKnownShape(context, made) ?? expanded(context, made, items);
}

function expanded(
	{ emit, ints, outputs }: LiteContext,
	value: Parameters<typeof inKnownShape>[1],
	items: readonly SliceItem[],
) {
	return items
		.filter(({ kind }) => kind !== "index")
		.reduce(
			(current, { kind }, axis) =>
				kind === "new"
					? emit("EXPAND_DIMS", [current, ints([axis])], {
							dtype: current.dtype,
							shape: outputs[0].shape,
						})
					: current,
			value,
		);
}

function withoutNew(
	items: readonly SliceItem[],
	shape: readonly number[] | undefined,
): readonly number[] | undefined {
	const kept = items.filter(({ kind }) => kind !== "index");
	return shape?.filter((_, axis) => kept[axis]?.kind !== "new");
}

function asItIs(context: LiteContext) {
	const { node, input, emit, outputs } = context;
	const mask = (name: string) => intAttr(node, `${name}_mask`);
	return emit(
		"STRIDED_SLICE",
		[input(0), ...[1, 2, 3].map((i) => int32Input(context, i))],
		outputs[0],
		[
			"StridedSliceOptions",
			{
				beginMask: mask("begin"),
				endMask: mask("end"),
				ellipsisMask: mask("ellipsis"),
				newAxisMask: mask("new_axis"),
				shrinkAxisMask: mask("shrink_axis"),
			},
		],
	);
}

export const slicingRows: LiteTable<typeof slicingOps> = {
	Slice: slice,
	StridedSlice: stridedSlice,
};
