import type { LowerContext, OnnxValue } from "../../lowering.js";

/** The size of an axis: known, or a vector of one int64 that is computed at run time. */
export type Size = number | OnnxValue;

/** The sizes of an input of the node, in TensorFlow's order. */
export function inputSizes(
	context: LowerContext,
	index: number,
): (axis: number) => Size {
	const { shape } = context.inputs[index];
	return valueSizes(context, context.input(index), shape ?? []);
}

/** The sizes of a value, of which `known` are known: -1 is not. */
export function valueSizes(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	known: readonly number[] = [],
): (axis: number) => Size {
	let shape: OnnxValue | undefined;
	return (axis) => {
		if (known[axis] >= 0) return known[axis];
		shape ??= emit("Shape", [value], {}, { dtype: "int64" });
		return emit("Gather", [shape, ints([axis])]);
	};
}

/** As a vector of one. */
export function sizeVector({ ints }: LowerContext, size: Size): OnnxValue {
	return typeof size === "number" ? ints([size]) : size;
}

/** `op` of ONNX on sizes, or `compute` where both are known. */
function combined(
	op: string,
	compute: (a: number, b: number) => number,
): (context: LowerContext, a: Size, b: Size) => Size {
	return (context, a, b) =>
		typeof a === "number" && typeof b === "number"
			? compute(a, b)
			: context.emit(op, [sizeVector(context, a), sizeVector(context, b)]);
}

export const addSizes = combined("Add", (a, b) => a + b);
export const subtractSizes = combined("Sub", (a, b) => a - b);
export const multiplySizes = combined("Mul", (a, b) => a * b);

/** The quotient, which must be whole. ONNX Runtime would end its process at a divisor of 0. */
export function divideSizes(context: LowerContext, a: Size, b: Size): Size {
	return quotient(
		context,
		a,
		typeof b === "number" ? b : context.emit("Max", [b, context.ints([1])]),
	);
}

const quotient = combined("Div", (a, b) => a / b);

/** All sizes as one vector. */
export function joinedSizes(
	context: LowerContext,
	sizes: readonly Size[],
): OnnxValue {
	if (sizes.every((size) => typeof size === "number"))
		return context.ints(sizes);
	const vectors = sizes.map((size) => sizeVector(context, size));
	return vectors.length === 1
		? vectors[0]
		: context.emit("Concat", vectors, { axis: 0 });
}

/** The same elements under another shape. One size that is not known is left to ONNX, where no size is 0. */
export function reshapedTo(
	context: LowerContext,
	value: OnnxValue,
	sizes: readonly Size[],
): OnnxValue {
	const open = sizes.filter((size) => typeof size !== "number").length;
	if (open === 1 && !sizes.includes(0))
		return context.emit("Reshape", [
			value,
			context.ints(sizes.map((size) => (typeof size === "number" ? size : -1))),
		]);
	return context.emit("Reshape", [value, joinedSizes(context, sizes)], {
		allowzero: 1,
	});
}
