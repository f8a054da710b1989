import { fail } from "../../errors.js";
import type { GraphBuilder, Value } from "./builder.js";

/** The length of an axis: a number, or a scalar int32 that the graph computes. */
export type Length = number | Value;

/** The number of axes; fails with UNSUPPORTED where it is not known. */
export function rankOf(value: Value): number {
	if (value.shape === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot export a layer on ${value.name}: the number of its axes is not known`,
		);
	return value.shape.length;
}

/** The length of an axis, counted from the end where it is negative; fails with UNSUPPORTED where it is not known. */
export function lengthOf(value: Value, axis: number): number {
	const shape = value.shape ?? [];
	const length = shape[axis < 0 ? rankOf(value) + axis : axis];
	if (length === undefined || length < 0)
		throw fail(
			"UNSUPPORTED",
			`cannot export a layer on ${value.name}: the length of axis ${axis} has to be known, its shape is [${shape.map((size) => (size < 0 ? "?" : size)).join(",")}]`,
		);
	return length;
}

/** All lengths, those that are not known as values. */
export function lengthsOf(graph: GraphBuilder, value: Value): Length[] {
	rankOf(value);
	const shape = value.shape ?? [];
	if (shape.every((size) => size >= 0)) return [...shape];
	const whole = graph.op("Shape", [value]);
	return shape.map((size, axis) =>
		size >= 0 ? size : element(graph, whole, axis),
	);
}

/** Element `index` of a list. */
export function element(
	graph: GraphBuilder,
	list: Value,
	index: number,
): Value {
	return graph.op(
		"StridedSlice",
		[list, graph.ints([index]), graph.ints([index + 1]), graph.ints([1])],
		{ shrink_axis_mask: 1 },
	);
}

/** Lengths as a list of int32. */
export function packed(graph: GraphBuilder, lengths: readonly Length[]): Value {
	if (lengths.every((length) => typeof length === "number"))
		return graph.ints(lengths);
	return graph.op(
		"Pack",
		lengths.map((length) =>
			typeof length === "number" ? graph.scalar("int32", length) : length,
		),
	);
}

/** The same elements in another shape; one unknown length needs nothing computed. */
export function reshaped(
	graph: GraphBuilder,
	value: Value,
	lengths: readonly Length[],
): Value {
	const unknown = lengths.filter((length) => typeof length !== "number");
	const plain = lengths.map((length) =>
		typeof length === "number" ? length : -1,
	);
	const simple =
		unknown.length === 0 || (unknown.length === 1 && !plain.includes(0));
	const target =
		simple && plain.filter((length) => length === -1).length <= 1
			? graph.ints(plain)
			: packed(graph, lengths);
	const result = graph.op("Reshape", [value, target]);
	return graph.shaped(result, plain);
}

export function transposed(
	graph: GraphBuilder,
	value: Value,
	order: readonly number[],
): Value {
	return order.every((axis, i) => axis === i)
		? value
		: graph.op("Transpose", [value, graph.ints(order)]);
}

/** Elements `from` to `to` of an axis, to its end without `to`. */
export function sliced(
	graph: GraphBuilder,
	value: Value,
	axis: number,
	[from, to, step = 1]: readonly [number, number | undefined, number?],
): Value {
	const rank = rankOf(value);
	const at = axis < 0 ? rank + axis : axis;
	const others = (1 << at) - 1;
	const vector = (last: number) =>
		graph.ints(Array.from({ length: at + 1 }, (_, i) => (i < at ? 0 : last)));
	const strides = graph.ints(
		Array.from({ length: at + 1 }, (_, i) => (i < at ? 1 : step)),
	);
	return graph.op(
		"StridedSlice",
		[value, vector(from), vector(to ?? 0), strides],
		{
			begin_mask: others,
			end_mask: to === undefined ? others | (1 << at) : others,
		},
	);
}
