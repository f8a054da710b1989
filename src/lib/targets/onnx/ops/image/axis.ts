import type { Sampling } from "../../../../ops/image/resize.js";
import { expressions } from "../../expression.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";

/** One spatial axis of an image that is resized. Sizes are int64 scalars: constants where they are known. */
export interface Axis {
	/** 0 is the height, 1 the width. */
	readonly place: number;
	readonly from: OnnxValue;
	readonly to: OnnxValue;
}

/** Axis `place` of input 0, an image, which input 1 gives another size. */
export function resizedAxis(context: LowerContext, place: number): Axis {
	const { inputs, outputs, emit, scalar, input, cast } = context;
	const from = inputs[0].shape?.[place + 1] ?? -1;
	const to = outputs[0].shape?.[place + 1] ?? -1;
	return {
		place,
		from: from >= 0 ? scalar("int64", from) : sizeOf(context, place),
		to:
			to >= 0
				? scalar("int64", to)
				: emit("Gather", [cast(input(1), "int64"), scalar("int64", place)]),
	};
}

/** 0, 1, … below a size, as float32. */
export function indices(
	{ emit, scalar, cast }: LowerContext,
	size: OnnxValue,
): OnnxValue {
	const range = [scalar("int64", 0), size, scalar("int64", 1)];
	return cast(emit("Range", range), "float32");
}

/** How far one pixel of the new image reaches in the old one (util/image_resizer_state.h, CalculateResizeScale). */
export function axisScale(
	context: LowerContext,
	{ from, to }: Axis,
	{ alignCorners }: Sampling,
): OnnxValue {
	const { sub, div, max, greater, where } = expressions(context);
	const [old, wanted] = [from, to].map((size) => context.cast(size, "float32"));
	const scale = div(old, wanted);
	if (!alignCorners) return scale;
	const aligned = div(sub(old, 1), max(sub(wanted, 1), 1));
	return where(greater(wanted, 1), aligned, scale);
}

function sizeOf(
	{ isChannelsFirst, channelsFirst, input, emit, ints }: LowerContext,
	place: number,
): OnnxValue {
	const [image, axis] = isChannelsFirst(0)
		? [channelsFirst(0), place + 2]
		: [input(0), place + 1];
	const range = { start: axis, end: axis + 1 };
	const size = emit("Shape", [image], range, { dtype: "int64" });
	return emit("Squeeze", [size, ints([0])]);
}
