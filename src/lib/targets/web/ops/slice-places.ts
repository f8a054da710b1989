import type { SliceItem } from "../../../ops/array/strided-slice.js";
import { int, type } from "../attrs.js";
import type { WebContext, WebValue } from "../lowering.js";
import { countTo, sizeOf } from "./counting.js";

type Range = Extract<SliceItem, { kind: "range" }>;

/** `x[…]` of bounds and strides that are known at run time only: each axis is taken by the places that they stand for. */
export function takenByPlaces(
	context: WebContext,
	items: readonly SliceItem[],
): WebValue {
	const { input, emit } = context;
	let value = input(0);
	for (const item of items)
		if (item.kind === "range" || item.kind === "index")
			value = emit(
				"GatherV2",
				[
					value,
					item.kind === "range"
						? placesOf(context, value, item)
						: placeOf(context, value, item),
					context.scalar(item.axis),
				],
				{ batch_dims: int(0) },
			);
	return value;
}

/** One number of begin (1), end (2) or strides (3). */
function bound(
	{ input, emit, scalar }: WebContext,
	index: number,
	at: number,
): WebValue {
	return emit("GatherV2", [input(index), scalar(at), scalar(0)], {
		batch_dims: int(0),
	});
}

/** A vector of one place, so that the axis stays. */
function placeOf(
	context: WebContext,
	value: WebValue,
	{ axis, at }: { readonly axis: number; readonly at: number },
): WebValue {
	const { emit, ints } = context;
	const size = sizeOf(context, value, axis);
	const place = emit("FloorMod", [bound(context, 1, at), size]);
	return emit("Reshape", [place, ints([1])]);
}

/** Python's rules (util/strided_slice_op.cc): a bound below zero counts from the end, and none reaches beyond the axis. */
function placesOf(
	context: WebContext,
	value: WebValue,
	{ axis, at, hasBegin, hasEnd }: Range,
): WebValue {
	const { emit, scalar } = context;
	const size = sizeOf(context, value, axis);
	const step = bound(context, 3, at);
	const isForward = emit("Greater", [step, scalar(0)]);
	const choose = (yes: WebValue, no: WebValue) =>
		emit("SelectV2", [isForward, yes, no], { T: type("int32") });
	const before = choose(scalar(0), scalar(-1));
	const behind = choose(size, emit("Sub", [size, scalar(1)]));
	const place = (index: number) => {
		const given = bound(context, index, at);
		const counted = emit(
			"SelectV2",
			[emit("Less", [given, scalar(0)]), emit("AddV2", [given, size]), given],
			{ T: type("int32") },
		);
		return emit("Minimum", [emit("Maximum", [counted, before]), behind]);
	};
	const start = hasBegin ? place(1) : choose(before, behind);
	const end = hasEnd ? place(2) : choose(behind, before);
	return countTo(context, end, start, step);
}
