import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";

/** What one item of `x[…]` in Python does with an axis of the input, or between axes. `at` is its place in begin, end and strides. */
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
	| { readonly kind: "all"; readonly axis: number };

/**
 * Reads the masks of a StridedSlice of `count` items on a tensor of `rank` (array_ops.cc, util/strided_slice_op.cc):
 * an ellipsis stands for as many whole axes as are left, and so does the end of the list. Fails with INVALID.
 */
export function sliceItems(
	node: Node,
	count: number,
	rank: number,
): SliceItem[] {
	const [begin, end, ellipsis, fresh, shrink] = [
		"begin_mask",
		"end_mask",
		"ellipsis_mask",
		"new_axis_mask",
		"shrink_axis_mask",
	].map((name) => {
		const mask = intAttr(node, name);
		return (i: number) => ((mask >> i) & 1) === 1;
	});
	const places = Array.from({ length: count }, (_, i) => i);
	const isEllipsis = places.find(ellipsis);
	const isAxis = (i: number) => i !== isEllipsis && !fresh(i);
	const skipped = rank - places.filter(isAxis).length;
	if (skipped < 0)
		throw fail(
			"INVALID",
			`cannot slice a tensor of ${rank} dimensions by ${places.filter(isAxis).length} indices`,
		);
	const items: SliceItem[] = [];
	let axis = 0;
	const whole = (amount: number) => {
		for (let i = 0; i < amount; i++) items.push({ kind: "all", axis: axis++ });
	};
	for (const at of places) {
		if (at === isEllipsis) whole(skipped);
		else if (fresh(at)) items.push({ kind: "new" });
		else if (shrink(at)) items.push({ kind: "index", axis: axis++, at });
		else
			items.push({
				kind: "range",
				axis: axis++,
				at,
				hasBegin: !begin(at),
				hasEnd: !end(at),
			});
	}
	if (isEllipsis === undefined) whole(skipped);
	return items;
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
