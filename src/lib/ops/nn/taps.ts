import type { ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { ExpandContext } from "../define.js";
import { formula } from "../formula.js";
import { reach, type Window, windowPads } from "./window.js";

/**
 * What the window sees at each of its places while it slides over input 0 ([batch, spatial…, channels]), in the order in
 * which a filter has its places. Sizes are those of the spatial axes; `outside` surrounds the image.
 */
export function windowTaps(
	context: ExpandContext,
	window: Window,
	sizes: readonly number[],
	outside: number,
): ValueName[] {
	const image = paddedInput(context, window, sizes, outside);
	return places(window).map((offsets) => tap(context, image, window, offsets));
}

function paddedInput(
	context: ExpandContext,
	window: Window,
	sizes: readonly number[],
	outside: number,
): ValueName {
	const { inputs, types, node, add, scalar, constantOf } = context;
	const pads = windowPads(window, sizes);
	if (pads?.every(([before, after]) => before === 0 && after === 0))
		return inputs[0];
	const paddings =
		pads === undefined
			? computedPaddings(context, window)
			: constantOf(
					tensorFromNumbers(
						"int32",
						[pads.length + 2, 2],
						[[0, 0], ...pads, [0, 0]].flat(),
					),
				);
	return add("PadV2", [inputs[0], paddings, scalar(types[0].dtype, outside)], {
		T: node.attrs.T,
		Tpaddings: "int32",
	});
}

/** The SAME rule of window.ts on sizes that are known at run time. */
function computedPaddings(context: ExpandContext, window: Window): ValueName {
	const { inputs, node, add, constantOf, scalar } = context;
	const math = formula(context, "int32");
	const vector = (values: readonly number[]) =>
		constantOf(tensorFromNumbers("int32", [values.length], values));
	const shape = add("Shape", [inputs[0]], {
		T: node.attrs.T,
		out_type: "int32",
	});
	const rank = window.kernel.length;
	const size = add("Slice", [shape, vector([1]), vector([rank])], {
		T: "int32",
		Index: "int32",
	});
	const strides = vector(window.strides);
	const windowed = math.floorDiv(math.sub(math.add(size, strides), 1), strides);
	const covered = math.add(
		math.mul(math.sub(windowed, 1), strides),
		vector(window.kernel.map((_, axis) => reach(window, axis))),
	);
	const total = math.max(math.sub(covered, size), 0);
	const before = math.floorDiv(total, 2);
	const pairs = add("Pack", [before, math.sub(total, before)], {
		T: "int32",
		N: 2,
		axis: 1,
	});
	const none = constantOf(tensorFromNumbers("int32", [1, 2], [0, 0]));
	return add("ConcatV2", [none, pairs, none, scalar("int32", 0)], {
		T: "int32",
		N: 3,
		Tidx: "int32",
	});
}

function places({ kernel, dilations }: Window): number[][] {
	return kernel.reduce<number[][]>(
		(found, size, axis) =>
			found.flatMap((place) =>
				Array.from({ length: size }, (_, i) => [...place, i * dilations[axis]]),
			),
		[[]],
	);
}

/** Ends are counted from behind, so that no size need be known. */
function tap(
	{ node, add, constantOf }: ExpandContext,
	image: ValueName,
	window: Window,
	offsets: readonly number[],
): ValueName {
	const behind = offsets.map(
		(offset, axis) => reach(window, axis) - 1 - offset,
	);
	const whole = 1 | (1 << (offsets.length + 1));
	const vector = (values: readonly number[]) =>
		constantOf(tensorFromNumbers("int32", [values.length], values));
	return add(
		"StridedSlice",
		[
			image,
			vector([0, ...offsets, 0]),
			vector([0, ...behind.map((count) => -count), 0]),
			vector([1, ...window.strides, 1]),
		],
		{
			T: node.attrs.T,
			Index: "int32",
			begin_mask: whole,
			end_mask: behind.reduce(
				(mask, count, axis) => (count === 0 ? mask | (2 << axis) : mask),
				whole,
			),
			ellipsis_mask: 0,
			new_axis_mask: 0,
			shrink_axis_mask: 0,
		},
	);
}
