import { intAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import {
	elementsOf,
	knownElements,
	mergeShapes,
	normalizeAxis,
} from "../shapes.js";

/** Axes in another order, and tensors joined, cut and repeated. */
export const arrangementOps = {
	Transpose: primitive((context) => [
		{
			dtype: context.inputs[0].dtype,
			shape: transposed(context.inputs[0].shape, knownElements(context, 1)),
		},
	]),
	ConcatV2: primitive((context) => [
		concatenated(
			context,
			context.inputs.slice(0, -1),
			knownElements(context, context.inputs.length - 1)?.[0],
		),
	]),
	Concat: composite(({ node, inputs: [axis, ...values], add }) => [
		add("ConcatV2", [...values, axis], {
			T: node.attrs.T,
			N: node.attrs.N,
			Tidx: "int32",
		}),
	]),
	Pack: primitive((context) => [
		packed(context, intAttr(context.node, "axis")),
	]),
	Unpack: primitive(({ node, inputs: [x] }) => {
		const axis =
			x.shape === undefined
				? 0
				: normalizeAxis(intAttr(node, "axis"), x.shape.length);
		const shape = x.shape?.toSpliced(axis, 1);
		return node.outputs.map((_, i) => ({
			dtype: x.dtype,
			shape,
			...(x.elements === undefined ? {} : { elements: [x.elements[i]] }),
		}));
	}),
	Split: primitive((context) => {
		const axis = elementsOf(context, 0)?.[0];
		const { dtype, shape } = context.inputs[1];
		const count = context.node.outputs.length;
		return context.node.outputs.map(() => ({
			dtype,
			shape: withSize(shape, axis, (size) => (size < 0 ? -1 : size / count)),
		}));
	}),
	SplitV: primitive((context) => {
		const axis = elementsOf(context, 2)?.[0];
		const { dtype, shape } = context.inputs[0];
		const sizes = splitSizes(context, shape, axis);
		return context.node.outputs.map((_, i) => ({
			dtype,
			shape: withSize(shape, axis, () => sizes?.[i] ?? -1),
		}));
	}),
	Tile: primitive((context) => {
		const { dtype, shape } = context.inputs[0];
		const multiples = elementsOf(context, 1);
		return [
			{
				dtype,
				shape: shape?.map((size, i) =>
					size < 0 || multiples?.[i] === undefined
						? -1
						: size * (multiples[i] ?? 1),
				),
			},
		];
	}),
	Reverse: primitive(({ inputs: [{ dtype, shape }] }) => [{ dtype, shape }]),
	ReverseV2: primitive(({ inputs: [{ dtype, shape }] }) => [{ dtype, shape }]),
	Roll: primitive(({ inputs: [{ dtype, shape }] }) => [{ dtype, shape }]),
} as const satisfies Record<string, OpEntry>;

function transposed(shape: Shape, order: readonly number[] | undefined): Shape {
	if (shape === undefined) return undefined;
	return order === undefined
		? shape.map(() => -1)
		: order.map((axis) => shape[normalizeAxis(axis, shape.length)]);
}

function concatenated(
	context: InferContext,
	values: readonly ValueType[],
	axis: number | undefined,
): ValueType {
	const { dtype } = values[0];
	const shaped = values.flatMap(({ shape }) =>
		shape === undefined ? [] : [shape],
	);
	const rank = shaped[0]?.length;
	if (rank === undefined) return { dtype, shape: undefined };
	if (axis === undefined)
		return { dtype, shape: new Array<number>(rank).fill(-1) };
	const joined = normalizeAxis(axis, rank);
	const others =
		shaped
			.map((shape) => shape.with(joined, -1))
			.reduce<Shape>(mergeShapes, undefined) ?? [];
	const sizes = values.map(({ shape }) => shape?.[joined] ?? -1);
	const total = sizes.every((size) => size >= 0)
		? sizes.reduce((a, b) => a + b, 0)
		: -1;
	return {
		dtype,
		shape: others.with(joined, total),
		...joinedElements(context, values),
	};
}

/** Vectors of known integers joined: shapes are put together so. */
function joinedElements(
	context: InferContext,
	values: readonly ValueType[],
): Pick<ValueType, "elements"> {
	const lists = values.map(({ shape }, i) =>
		shape?.length === 1 && shape[0] >= 0 && shape[0] <= 64
			? (elementsOf(context, i) ??
				new Array<undefined>(shape[0]).fill(undefined))
			: undefined,
	);
	const isInteger = values[0].dtype === "int32" || values[0].dtype === "int64";
	return isInteger && lists.every((list) => list !== undefined)
		? { elements: lists.flat() }
		: {};
}

function packed(context: InferContext, axis: number): ValueType {
	const { inputs } = context;
	const { dtype } = inputs[0];
	const shape = inputs
		.map((input) => input.shape)
		.reduce<Shape>(mergeShapes, undefined);
	if (shape === undefined) return { dtype, shape: undefined };
	const type: ValueType = {
		dtype,
		shape: shape.toSpliced(
			normalizeAxis(axis, shape.length + 1),
			0,
			inputs.length,
		),
	};
	const isInteger = dtype === "int32" || dtype === "int64";
	return shape.length === 0 && isInteger
		? { ...type, elements: inputs.map((_, i) => elementsOf(context, i)?.[0]) }
		: type;
}

/** The sizes of the pieces; one -1 takes what is left. */
function splitSizes(
	context: InferContext,
	shape: Shape,
	axis: number | undefined,
): readonly (number | undefined)[] | undefined {
	const sizes = elementsOf(context, 1);
	if (sizes === undefined || shape === undefined || axis === undefined)
		return sizes;
	const total = shape[normalizeAxis(axis, shape.length)];
	const rest =
		total -
		sizes.reduce<number>((sum, size) => sum + Math.max(size ?? 0, 0), 0);
	return sizes.map((size) => (size === -1 && total >= 0 ? rest : size));
}

function withSize(
	shape: Shape,
	axis: number | undefined,
	size: (old: number) => number,
): Shape {
	if (shape === undefined) return undefined;
	if (axis === undefined) return shape.map(() => -1);
	const normalized = normalizeAxis(axis, shape.length);
	return shape.with(normalized, size(shape[normalized]));
}
