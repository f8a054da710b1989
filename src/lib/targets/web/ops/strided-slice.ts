import { intAttr } from "../../../graph/attrs.js";
import {
	isEmptyRange,
	type SliceItem,
	sliceItems,
} from "../../../ops/array/strided-slice.js";
import type { Tensor } from "../../../tensor/tensor.js";
import { unfit } from "../arithmetic.js";
import { int, ints as intList } from "../attrs.js";
import type { WebContext, WebLowering, WebValue } from "../lowering.js";
import { integers, withAttrs } from "./rows.js";
import { takenByPlaces } from "./slice-places.js";

/**
 * `x[…]` as a slice of each axis, then axes that go and axes that come. TensorFlow.js 4.22 mixes the three up where strides
 * are not 1.
 */
export const stridedSlice: WebLowering = (context) => {
	const { inputs, constant } = context;
	const rank = inputs[0].shape?.length;
	const [begin, end, strides] = [1, 2, 3].map(constant);
	if (
		rank === undefined ||
		begin === undefined ||
		end === undefined ||
		strides === undefined
	)
		return atRunTime(context, rank, strides);
	return eachAxis(context, inputs[0].shape ?? [], { begin, end, strides });
};

interface Bounds {
	readonly begin: Tensor;
	readonly end: Tensor;
	readonly strides: Tensor;
}

function eachAxis(
	{ node, input, emit, ints }: WebContext,
	sizes: readonly number[],
	{ begin, end, strides }: Bounds,
): WebValue {
	const rank = sizes.length;
	const items = sliceItems(node, begin.shape[0], rank);
	const first = new Array<number>(rank).fill(0);
	const last = new Array<number>(rank).fill(0);
	const steps = new Array<number>(rank).fill(1);
	let [fromStart, toEnd] = [0, 0];
	for (const item of items) {
		if (item.kind === "new" || item.kind === "rest") continue;
		const { axis } = item;
		if (item.kind !== "all") first[axis] = at(begin, item.at);
		if (item.kind === "range") {
			last[axis] = at(end, item.at);
			steps[axis] = at(strides, item.at);
		}
		if (item.kind === "index") last[axis] = first[axis] + 1;
		if (item.kind === "range" ? !item.hasBegin : item.kind === "all")
			fromStart |= 1 << axis;
		if (reachesEnd(item, last[axis])) toEnd |= 1 << axis;
		if (
			item.kind === "range" &&
			isEmptyRange(item, sizes[axis], first[axis], last[axis], steps[axis])
		) {
			// TensorFlow.js counts fewer than none
			[first[axis], last[axis], steps[axis]] = [0, 0, 1];
			fromStart &= ~(1 << axis);
			toEnd &= ~(1 << axis);
		}
	}
	const sliced = emit(
		"StridedSlice",
		[input(0), ints(first), ints(last), ints(steps)],
		{ begin_mask: int(fromStart), end_mask: int(toEnd) },
	);
	return withAxes(sliced, items, emit, ints);
}

function reachesEnd(item: SliceItem, last: number): boolean {
	// the last element is -1, and what follows it is not 0
	if (item.kind === "index") return last === 0;
	return item.kind === "range" ? !item.hasEnd : true;
}

/** Without the axes that an index took, and with the new ones. */
function withAxes(
	sliced: WebValue,
	items: readonly SliceItem[],
	emit: WebContext["emit"],
	ints: WebContext["ints"],
): WebValue {
	const gone = items.flatMap((item) =>
		item.kind === "index" ? [item.axis] : [],
	);
	const squeezed =
		gone.length === 0
			? sliced
			: emit("Squeeze", [sliced], { axis: intList(gone) });
	const kept = items.filter(({ kind }) => kind !== "index");
	return kept.reduce(
		(value, { kind }, axis) =>
			kind === "new" ? emit("ExpandDims", [value, ints([axis])]) : value,
		squeezed,
	);
}

/** Bounds are known at run time only. TensorFlow.js 4.22 understands plain ones with strides of 1. */
function atRunTime(
	context: WebContext,
	rank: number | undefined,
	strides: Tensor | undefined,
): WebValue {
	const { node, inputs, emit, ints } = context;
	const isPlain =
		intAttr(node, "ellipsis_mask") === 0 &&
		intAttr(node, "new_axis_mask") === 0;
	const hasUnitSteps =
		strides !== undefined &&
		Array.from(strides.data as Int32Array, Number).every((step) => step === 1);
	if (isPlain && hasUnitSteps)
		return [
			withAttrs(integers("begin_mask", "end_mask", "shrink_axis_mask"))(
				context,
			),
		].flat()[0];
	const count = inputs[1].shape?.[0] ?? -1;
	const items = count < 0 ? [] : sliceItems(node, count, rank);
	const rest = items.findIndex(({ kind }) => kind === "rest");
	if (
		count < 0 ||
		(rest >= 0 && items.slice(rest).some(({ kind }) => kind === "new"))
	)
		throw unfit("TensorFlow.js must know the bounds of such a slice");
	return withAxes(takenByPlaces(context, items), items, emit, ints);
}

function at({ data }: Tensor, index: number): number {
	return Number((data as Int32Array)[index]);
}
