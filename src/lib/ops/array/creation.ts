import { dtypeAttr } from "../../graph/attrs.js";
import type { DType } from "../../tensor/dtype.js";
import { elementCount, type Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { elementsOf, isStatic, shapeFromInput } from "../shapes.js";
import { fewElements } from "./places.js";

/** Tensors made of a value or two. */
export const creationOps = {
	Const: primitive(() => []),
	Fill: primitive((context) => {
		const { dtype } = context.inputs[1];
		const shape = shapeFromInput(context, 0);
		return [{ dtype, shape, ...repeated(context, 1, shape) }];
	}),
	/** What is not initialized is zero too. */
	Empty: composite(({ node, inputs, add, scalar }) => {
		const T = dtypeAttr(node, "dtype");
		return [add("Fill", [inputs[0], scalar(T, 0)], { T, index_type: "int32" })];
	}),
	ZerosLike: primitive(({ inputs: [{ dtype, shape }] }) => [
		{ dtype, shape, ...constantElements({ dtype, shape }, 0) },
	]),
	OnesLike: primitive(({ inputs: [{ dtype, shape }] }) => [
		{ dtype, shape, ...constantElements({ dtype, shape }, 1) },
	]),
	Range: primitive((context) => [ranged(context)]),
	LinSpace: primitive((context) => [
		{
			dtype: context.inputs[0].dtype,
			shape: [elementsOf(context, 2)?.[0] ?? -1],
		},
	]),
	BroadcastTo: primitive((context) => {
		const shape = broadcastTo(
			context.inputs[0].shape,
			shapeFromInput(context, 1),
		);
		const isOne = context.inputs[0].elements?.length === 1;
		return [
			{
				dtype: context.inputs[0].dtype,
				shape,
				...(isOne ? repeated(context, 0, shape) : {}),
			},
		];
	}),
	BroadcastArgs: primitive((context) => [broadcastArgs(context)]),
	/** Not fed, so it is its default. */
	PlaceholderWithDefault: composite(({ inputs }) => inputs),
} as const satisfies Record<string, OpEntry>;

/** How many elements TensorFlow's Range makes: floats count in their own precision (sequence_ops.cc). */
export function rangeCount(
	dtype: DType,
	[start, limit, delta]: readonly number[],
): number {
	const steps =
		dtype === "float32"
			? Math.fround(Math.fround(limit - start) / delta)
			: (limit - start) / delta;
	return Math.max(0, Math.ceil(steps));
}

/** One element, input `index`, in all places. */
function repeated(
	context: InferContext,
	index: number,
	shape: Shape,
): Pick<ValueType, "elements"> {
	const value = elementsOf(context, index)?.[0];
	const { dtype } = context.inputs[index];
	return value === undefined ? {} : constantElements({ dtype, shape }, value);
}

function constantElements(
	{ dtype, shape }: ValueType,
	value: number,
): Pick<ValueType, "elements"> {
	return isStatic(shape)
		? fewElements(dtype, elementCount(shape), () => value)
		: {};
}

function ranged(context: InferContext): ValueType {
	const dtype = dtypeAttr(context.node, "Tidx");
	const given = [0, 1, 2].map((index) => elementsOf(context, index)?.[0]);
	if (!given.every((value) => value !== undefined) || given[2] === 0)
		return { dtype, shape: [-1] };
	const [start, , delta] = given;
	const count = rangeCount(dtype, given);
	return {
		dtype,
		shape: [count],
		...fewElements(dtype, count, (i) => start + i * delta),
	};
}

/** Sizes of the result that are not known are those of the input, where those are not 1. */
function broadcastTo(given: Shape, wanted: Shape): Shape {
	if (wanted === undefined || given === undefined) return wanted;
	const missing = wanted.length - given.length;
	return wanted.map((size, axis) => {
		const own = given[axis - missing] ?? -1;
		return size < 0 && own > 1 ? own : size;
	});
}

function broadcastArgs(context: InferContext): ValueType {
	const { dtype } = context.inputs[0];
	const lists = [0, 1].map((index) => shapeFromInput(context, index));
	const [a, b] = lists;
	if (a === undefined || b === undefined) return { dtype, shape: [-1] };
	const rank = Math.max(a.length, b.length);
	const [x, y] = lists.map((list) => [
		...new Array<number>(rank - (list?.length ?? 0)).fill(1),
		...(list ?? []),
	]);
	return {
		dtype,
		shape: [rank],
		...fewElements(dtype, rank, (axis) => stretched(x[axis], y[axis])),
	};
}

/** Both sizes as one: what is not known beside a size above 1 is that size, or 1. */
function stretched(a: number, b: number): number | undefined {
	if (a === 1 && b === 1) return 1;
	const larger = a === 1 ? b : b === 1 ? a : Math.max(a, b);
	return larger < 0 ? undefined : larger;
}
