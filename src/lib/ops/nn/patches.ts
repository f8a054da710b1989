import type { ValueName } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { ExpandContext } from "../define.js";
import { type Formula, formula, type Term } from "../formula.js";
import { type AxisLayout, imageSizes, type Window } from "./window.js";

/** A window whose sizes may be int32 scalars that are known at run time. */
export interface RuntimeWindow {
	readonly kernel: readonly Term[];
	readonly strides: readonly Term[];
	readonly dilations: readonly Term[];
	readonly padding: Window["padding"];
}

/** What a window sees: [batch, places, kernel, places, kernel …, channels], places and kernel for each spatial axis. */
export interface Patches {
	readonly value: ValueName;
	/** How many places the window has along each axis: numbers, or int32 scalars. */
	readonly places: readonly Term[];
	/** The axes of `value` that run over the window. */
	readonly kernelAxes: readonly number[];
}

/** All that a window sees of input 0, channels last, while it slides; `outside` surrounds the image. */
export function windowPatches(
	context: ExpandContext,
	layout: AxisLayout,
	window: RuntimeWindow,
	outside: number,
): Patches {
	const { dtype } = context.types[0];
	const math = formula(context, "int32");
	const axes = axisSizes(context, layout).map((size, axis) =>
		slide(math, window, axis, size),
	);
	const image = padded(context, axes, outside, dtype);
	const value = axes.reduce(
		// each axis before has become two
		(patches, axis, i) =>
			gathered(context, patches, indicesOf(context, math, axis), 2 * i + 1),
		image,
	);
	return {
		value,
		places: axes.map(({ places }) => places),
		kernelAxes: axes.map((_, i) => 2 * i + 2),
	};
}

/** One axis of a sliding window. */
interface Slide {
	readonly kernel: Term;
	readonly stride: Term;
	readonly dilation: Term;
	readonly before: Term;
	readonly after: Term;
	readonly places: Term;
}

/** The rules of window.ts, on sizes that may be known at run time only; what is known is folded later. */
function slide(
	math: Formula,
	{ kernel, strides, dilations, padding }: RuntimeWindow,
	axis: number,
	size: Term,
): Slide {
	const stride = strides[axis];
	const reach = math.add(
		math.mul(math.sub(kernel[axis], 1), dilations[axis]),
		1,
	);
	const part = { kernel: kernel[axis], stride, dilation: dilations[axis] };
	if (padding !== "SAME") {
		const [before, after] = padding === "VALID" ? [0, 0] : padding[axis];
		const free = math.sub(math.add(size, before + after), reach);
		const places = math.floorDiv(math.add(free, stride), stride);
		return { ...part, before, after, places };
	}
	const places = math.floorDiv(math.sub(math.add(size, stride), 1), stride);
	const covered = math.add(math.mul(math.sub(places, 1), stride), reach);
	const total = math.max(math.sub(covered, size), 0);
	const before = math.floorDiv(total, 2);
	return { ...part, before, after: math.sub(total, before), places };
}

/** The sizes of the spatial axes of input 0. */
function axisSizes(
	{ inputs, types, node, add, addMany }: ExpandContext,
	layout: AxisLayout,
): readonly Term[] {
	const { spatial } = imageSizes(types[0].shape, layout);
	if (spatial.every((size) => size >= 0)) return spatial;
	const shape = add("Shape", [inputs[0]], {
		T: node.attrs.T,
		out_type: "int32",
	});
	const rank = spatial.length + 2;
	const sizes = addMany("Unpack", [shape], rank, {
		T: "int32",
		num: rank,
		axis: 0,
	});
	return spatial.map((size, i) => (size >= 0 ? size : sizes[i + 1]));
}

function padded(
	context: ExpandContext,
	axes: readonly Slide[],
	outside: number,
	T: DType,
): ValueName {
	const { inputs, add, scalar } = context;
	const none = { before: 0, after: 0 };
	const all = [none, ...axes, none];
	if (all.every(({ before, after }) => before === 0 && after === 0))
		return inputs[0];
	const list = (terms: readonly Term[]) => packed(context, terms, 0);
	const paddings = packed(
		context,
		[
			list(all.map(({ before }) => before)),
			list(all.map(({ after }) => after)),
		],
		1,
	);
	return add("PadV2", [inputs[0], paddings, scalar(T, outside)], {
		T,
		Tpaddings: "int32",
	});
}

/** [places, kernel]: where along an axis the window finds its elements. */
function indicesOf(
	context: ExpandContext,
	math: Formula,
	{ kernel, stride, dilation, places }: Slide,
): ValueName {
	const { add, scalar } = context;
	const term = (value: Term) =>
		typeof value === "number" ? scalar("int32", value) : value;
	const range = (count: Term, axis: number) =>
		add(
			"ExpandDims",
			[
				add("Range", [scalar("int32", 0), term(count), scalar("int32", 1)], {
					Tidx: "int32",
				}),
				scalar("int32", axis),
			],
			{ T: "int32", Tdim: "int32" },
		);
	return math.add(
		math.mul(range(places, 1), stride),
		math.mul(range(kernel, 0), dilation),
	);
}

function gathered(
	{ node, add, scalar }: ExpandContext,
	value: ValueName,
	indices: ValueName,
	axis: number,
): ValueName {
	return add("GatherV2", [value, indices, scalar("int32", axis)], {
		Tparams: node.attrs.T,
		Tindices: "int32",
		Taxis: "int32",
		batch_dims: 0,
	});
}

/** Int32 terms as one tensor, along a new axis. */
export function packed(
	{ add, scalar, constantOf }: ExpandContext,
	terms: readonly Term[],
	axis: number,
): ValueName {
	const numbers = terms.filter((term) => typeof term === "number");
	if (numbers.length === terms.length)
		return constantOf(tensorFromNumbers("int32", [terms.length], numbers));
	const values = terms.map((term) =>
		typeof term === "number" ? scalar("int32", term) : term,
	);
	return add("Pack", values, { T: "int32", N: values.length, axis });
}
