import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { sliceAxes, wholeRange } from "../../tensor/axis.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * What one item of `x[…]` in Python does with an axis of the input, or between axes. `at` is its place in begin, end and
 * strides. An axis behind an ellipsis is counted from the end, -1 the last, where the rank is not known.
 */
export type SliceItem =
	| {
			readonly kind: "range";
			readonly axis: number;
			readonly at: number;
			readonly hasBegin: boolean;
			readonly hasEnd: boolean;
	  }
	| { readonly kind: "index"; readonly axis: number; readonly at: number }
	| { readonly kind: "new" }
	| { readonly kind: "all"; readonly axis: number }
	/** All the axes that no other item names, where it is not known how many. */
	| { readonly kind: "rest" };

/**
 * Reads the masks of a StridedSlice of `count` items on a tensor of `rank` (util/strided_slice_op.cc): an ellipsis
 * stands for as many whole axes as are left, and so does the end of the list. Fails with INVALID.
 */
export function sliceItems(
	node: Node,
	count: number,
	rank: number | undefined,
): SliceItem[] {
	const mask = (name: string) => {
		const bits = intAttr(node, name);
		return (i: number) => ((bits >> i) & 1) === 1;
	};
	const [begin, end, ellipsis, fresh, shrink] = MASKS.map(mask);
	const places = Array.from({ length: count }, (_, i) => i);
	const found = places.find(ellipsis);
	const isNamed = (at: number) => at !== found && !fresh(at);
	const named = places.filter(isNamed).length;
	if (rank !== undefined && named > rank)
		throw fail(
			"INVALID",
			`cannot slice a tensor of ${rank} dimensions by ${named} indices`,
		);
	const item = (at: number, axis: number): SliceItem => {
		if (fresh(at)) return { kind: "new" };
		if (shrink(at)) return { kind: "index", axis, at };
		return { kind: "range", axis, at, hasBegin: !begin(at), hasEnd: !end(at) };
	};
	const split = found ?? count;
	const front = places.slice(0, split);
	const back = places.slice(split + 1);
	const before = front.filter(isNamed).length;
	const after = back.filter(isNamed).length;
	const axisAfter = (i: number) =>
		(rank ?? 0) - after + back.slice(0, i).filter(isNamed).length;
	return [
		...front.map((at, i) => item(at, front.slice(0, i).filter(isNamed).length)),
		...wholeAxes(before, rank === undefined ? undefined : rank - named),
		...back.map((at, i) => item(at, axisAfter(i))),
	];
}

const MASKS = [
	"begin_mask",
	"end_mask",
	"ellipsis_mask",
	"new_axis_mask",
	"shrink_axis_mask",
] as const;

function wholeAxes(from: number, count: number | undefined): SliceItem[] {
	if (count === undefined) return [{ kind: "rest" }];
	return Array.from({ length: count }, (_, i) => ({
		kind: "all",
		axis: from + i,
	}));
}

/** The first index and the number of elements that `begin:end:stride` takes of `size`, by Python's rules. */
export function rangeOf(
	size: number,
	begin: number | undefined,
	end: number | undefined,
	stride: number,
): { readonly start: number; readonly count: number } {
	if (stride === 0) throw fail("INVALID", "cannot slice with stride 0");
	const [low, high] = stride > 0 ? [0, size] : [-1, size - 1];
	const clamp = (index: number) =>
		Math.min(Math.max(index < 0 ? index + size : index, low), high);
	const start = begin === undefined ? (stride > 0 ? low : high) : clamp(begin);
	const stop = end === undefined ? (stride > 0 ? high : low) : clamp(end);
	return { start, count: Math.max(0, Math.ceil((stop - start) / stride)) };
}

/** Whether a range takes nothing of an axis; of one of unknown size nobody can tell. */
export function isEmptyRange(
	{ hasBegin, hasEnd }: SliceItem & { readonly kind: "range" },
	size: number,
	begin: number,
	end: number,
	stride: number,
): boolean {
	return (
		size >= 0 &&
		rangeOf(
			size,
			hasBegin ? begin : undefined,
			hasEnd ? end : undefined,
			stride,
		).count === 0
	);
}

/** Begin, end and stride of each item, as far as they are known. */
export interface SliceBounds {
	readonly begin: readonly (number | undefined)[] | undefined;
	readonly end: readonly (number | undefined)[] | undefined;
	readonly strides: readonly (number | undefined)[] | undefined;
}

/** What a range takes of an axis of known size; `undefined` if its bounds are not all known. */
export function knownRange(
	item: Extract<SliceItem, { kind: "range" }>,
	size: number,
	{ begin, end, strides }: SliceBounds,
):
	| { readonly start: number; readonly count: number; readonly step: number }
	| undefined {
	const from = item.hasBegin ? begin?.[item.at] : undefined;
	const to = item.hasEnd ? end?.[item.at] : undefined;
	const step = strides?.[item.at];
	if (
		step === undefined ||
		(item.hasBegin && from === undefined) ||
		(item.hasEnd && to === undefined)
	)
		return undefined;
	return { ...rangeOf(size, from, to, step), step };
}

/** Slices a tensor; `undefined` if not all bounds are known. Fails with INVALID for an index that is not there. */
export function slicedBy(
	x: Tensor,
	items: readonly SliceItem[],
	bounds: SliceBounds,
): Tensor | undefined {
	const ranges = x.shape.map(wholeRange);
	for (const item of items) {
		if (item.kind === "index") {
			const index = bounds.begin?.[item.at];
			if (index === undefined) return undefined;
			const start = indexIn(x.shape[item.axis], index);
			ranges[item.axis] = { start, count: 1, step: 1 };
		}
		if (item.kind === "range") {
			const range = knownRange(item, x.shape[item.axis], bounds);
			if (range === undefined) return undefined;
			ranges[item.axis] = range;
		}
	}
	const cut = sliceAxes(x, ranges);
	const shape = items.flatMap((item) => {
		if (item.kind === "new") return [1];
		return item.kind === "range" || item.kind === "all"
			? [cut.shape[item.axis]]
			: [];
	});
	return { ...cut, shape };
}

function indexIn(size: number, index: number): number {
	const positive = index < 0 ? index + size : index;
	if (positive < 0 || positive >= size)
		throw fail(
			"INVALID",
			`cannot take index ${index} of an axis of size ${size}`,
		);
	return positive;
}
