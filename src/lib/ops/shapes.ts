import { fail } from "../errors.js";
import { type Shape, showShape } from "../tensor/tensor.js";
import type { InferContext, InferRule, ValueType } from "./define.js";

/** Numpy's rule: sizes agree from the right, 1 stretches; -1 beside a size above 1 takes that size. Fails with INVALID. */
export function broadcast(a: Shape, b: Shape): Shape {
	if (a === undefined || b === undefined) return undefined;
	const rank = Math.max(a.length, b.length);
	return Array.from({ length: rank }, (_, i) => {
		const x = a[i - rank + a.length] ?? 1;
		const y = b[i - rank + b.length] ?? 1;
		if (x === 1 || x === y) return y;
		if (y === 1) return x;
		if (x < 0 || y < 0) return Math.max(x, y);
		throw fail(
			"INVALID",
			`cannot broadcast shapes ${showShape(a)} and ${showShape(b)}: sizes ${x} and ${y} differ`,
		);
	});
}

/** An axis counted from the end made non-negative. Fails with INVALID beyond the rank. */
export function normalizeAxis(axis: number, rank: number): number {
	const normalized = axis < 0 ? axis + rank : axis;
	if (normalized < 0 || normalized >= rank)
		throw fail(
			"INVALID",
			`cannot use axis ${axis}: the tensor has ${rank} dimensions`,
		);
	return normalized;
}

export function isStatic(shape: Shape): shape is readonly number[] {
	return shape?.every((size) => size >= 0) ?? false;
}

/** What both shapes say together: unknown dimensions of one are taken from the other. Fails with INVALID on a contradiction. */
export function mergeShapes(a: Shape, b: Shape): Shape {
	if (a === undefined) return b;
	if (b === undefined) return a;
	if (
		a.length !== b.length ||
		a.some((size, i) => size >= 0 && b[i] >= 0 && size !== b[i])
	)
		throw fail(
			"INVALID",
			`cannot merge shapes ${showShape(a)} and ${showShape(b)}: they contradict each other`,
		);
	return a.map((size, i) => Math.max(size, b[i]));
}

/** Output 0 has the type of input 0. */
export const sameAsInput: InferRule = ({ inputs }) => [inputs[0]];

/** Output 0 has the element type of input 0 and the shape of inputs 0 and 1 broadcast. */
export const broadcastInputs: InferRule = ({ inputs: [a, b] }) => [
	{ dtype: a.dtype, shape: broadcast(a.shape, b.shape) },
];

/**
 * The integer elements of input `index`, from its constant or its inferred elements; `undefined` if nothing is known.
 * Bigints beyond 2^53 become their nearest number.
 */
export function elementsOf(
	{ inputs, constant }: InferContext,
	index: number,
): readonly (number | undefined)[] | undefined {
	const known: ValueType["elements"] = inputs[index].elements;
	if (known !== undefined) return known;
	const tensor = constant(index);
	if (tensor === undefined) return undefined;
	return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** As `elementsOf`, when every element is known. */
export function knownElements(
	context: InferContext,
	index: number,
): readonly number[] | undefined {
	const elements = elementsOf(context, index);
	return elements?.every((element) => element !== undefined)
		? (elements as readonly number[])
		: undefined;
}

/** The shape that a shape vector in input `index` describes; -1 where an element is unknown, unknown rank where its length is. */
export function shapeFromInput(context: InferContext, index: number): Shape {
	const elements = elementsOf(context, index);
	if (elements !== undefined) return elements.map((element) => element ?? -1);
	const length = context.inputs[index].shape?.[0];
	return length === undefined || length < 0
		? undefined
		: new Array<number>(length).fill(-1);
}
