import { gatherAxis } from "../../tensor/axis.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import {
	composite,
	type ExpandContext,
	type InferContext,
	type OpEntry,
	primitive,
} from "../define.js";
import { movement } from "../movement.js";
import { elementsOf, knownElements, normalizeAxis } from "../shapes.js";
import { fewElements, movedElements } from "./places.js";

const sameShape = primitive(({ inputs: [{ dtype, shape }] }) => [
	{ dtype, shape },
]);

/** The same elements along the same axes, in another order or repeated. */
export const arrangementOps = {
	Transpose: primitive((context) => {
		const order = knownOrder(context);
		return [
			{
				dtype: context.inputs[0].dtype,
				shape: transposedShape(context, order),
				...(order === undefined
					? {}
					: movedElements(context, [0], ([x]) => transpose(x, order))),
			},
		];
	}),
	ConjugateTranspose: composite(({ node, inputs: [x, order], types, add }) => {
		const { T, Tperm } = node.attrs;
		const isComplex = types[0].dtype.startsWith("complex");
		const conjugate = isComplex ? add("Conj", [x], { T }) : x;
		return [add("Transpose", [conjugate, order], { T, Tperm })];
	}),
	Tile: primitive((context) => {
		const multiples = knownElements(context, 1);
		return [
			{
				dtype: context.inputs[0].dtype,
				shape: tiledShape(context),
				...(multiples === undefined
					? {}
					: movedElements(context, [0], ([x]) => tiled(x, multiples))),
			},
		];
	}),
	Reverse: composite((context) => [
		context.add("ReverseV2", [context.inputs[0], flaggedAxes(context)], {
			T: context.node.attrs.T,
			Tidx: "int64",
		}),
	]),
	ReverseV2: primitive((context) => {
		const { dtype, shape } = context.inputs[0];
		const axes = knownElements(context, 1);
		return [
			{
				dtype,
				shape,
				...(axes === undefined
					? {}
					: movedElements(context, [0], ([x]) => reversed(x, axes))),
			},
		];
	}),
	ReverseSequence: sameShape,
	Roll: sameShape,
	InvertPermutation: primitive((context) => {
		const { dtype, shape } = context.inputs[0];
		const order = knownElements(context, 0);
		return [
			{
				dtype,
				shape,
				...(order === undefined
					? {}
					: fewElements(dtype, order.length, (place) => order.indexOf(place))),
			},
		];
	}),
	DataFormatVecPermute: composite((context) => [formatPermuted(context)]),
	DataFormatDimMap: composite((context) => {
		const { inputs, types, add } = context;
		const { gather, int64 } = movement(context);
		const { source, target } = formats(context);
		const table = source.map((letter) => target.indexOf(letter));
		const count = context.scalar(types[0].dtype, source.length);
		const axis = add("FloorMod", [inputs[0], count], { T: types[0].dtype });
		const from = context.constantOf(
			tensorFromNumbers(types[0].dtype, [table.length], table),
		);
		return [gather(from, int64(axis, types[0].dtype), 0)];
	}),
} as const satisfies Record<string, OpEntry>;

/** Each axis repeated as often as `multiples` says. */
export function tiled(x: Tensor, multiples: readonly number[]): Tensor {
	return multiples.reduce((value, count, axis) => {
		if (count === 1) return value;
		const size = value.shape[axis];
		return gatherAxis(
			value,
			axis,
			Array.from({ length: count * size }, (_, i) => i % size),
		);
	}, x);
}

/** Each of the axes backwards. */
export function reversed(x: Tensor, axes: readonly number[]): Tensor {
	return axes.reduce((value, axis) => {
		const at = normalizeAxis(axis, value.shape.length);
		const size = value.shape[at];
		return gatherAxis(
			value,
			at,
			Array.from({ length: size }, (_, i) => size - 1 - i),
		);
	}, x);
}

function knownOrder(context: InferContext): readonly number[] | undefined {
	const order = knownElements(context, 1);
	return order?.map((axis) => normalizeAxis(axis, order.length));
}

function transposedShape(
	{ inputs: [{ shape }, order] }: InferContext,
	known: readonly number[] | undefined,
): Shape {
	const rank = shape?.length ?? known?.length ?? order.shape?.[0] ?? -1;
	if (rank < 0) return undefined;
	return known === undefined || shape === undefined
		? new Array<number>(rank).fill(-1)
		: known.map((axis) => shape[normalizeAxis(axis, rank)]);
}

function tiledShape(context: InferContext): Shape {
	const [{ shape }, counts] = context.inputs;
	const multiples = elementsOf(context, 1);
	const rank = shape?.length ?? multiples?.length ?? counts.shape?.[0] ?? -1;
	if (rank < 0) return undefined;
	return Array.from({ length: rank }, (_, axis) => {
		const size = shape?.[axis] ?? -1;
		const count = multiples?.[axis];
		if (count === 0 || size === 0) return 0;
		return count === undefined || size < 0 ? -1 : size * count;
	});
}

/** The axes whose flag is set in input 1. */
function flaggedAxes(context: ExpandContext): string {
	const { constant, inputs, add } = context;
	const { ints, reshape } = movement(context);
	const flags = constant(1);
	return flags === undefined
		? reshape(add("Where", [inputs[1]], { T: "bool" }), ints([-1]))
		: ints(
				Array.from(flags.data as Uint8Array).flatMap((flag, axis) =>
					flag ? [axis] : [],
				),
			);
}

/** The letters of the two layouts, `NHWC` and such. */
function formats({ node }: ExpandContext) {
	const letters = (name: string) => [...String(node.attrs[name])];
	return { source: letters("src_format"), target: letters("dst_format") };
}

/** A value an axis, or rows of two, in the order of another layout; only for the axes of a picture if there are fewer. */
function formatPermuted(context: ExpandContext): string {
	const { gather, ints } = movement(context);
	const { source, target } = formats(context);
	const count = context.types[0].shape?.[0];
	const isSpatial = (letter: string) => !["N", "C"].includes(letter);
	const [from, to] =
		count === source.length - 2
			? [source.filter(isSpatial), target.filter(isSpatial)]
			: [source, target];
	return gather(
		context.inputs[0],
		ints(to.map((letter) => from.indexOf(letter))),
		0,
	);
}
