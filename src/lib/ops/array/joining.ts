import { fail } from "../../errors.js";
import { intAttr } from "../../graph/attrs.js";
import { concat, sliceAxes, wholeRange } from "../../tensor/axis.js";
import type { Shape, Tensor } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { movement } from "../movement.js";
import {
	elementsOf,
	isStatic,
	knownElements,
	mergeShapes,
	normalizeAxis,
} from "../shapes.js";
import { movedElements } from "./places.js";

/** Tensors joined along an axis, and cut along one. */
export const joiningOps = {
	ConcatV2: primitive((context) => [concatenated(context)]),
	Concat: composite(({ node, inputs: [axis, ...values], add }) => [
		add("ConcatV2", [...values, axis], {
			T: node.attrs.T,
			N: node.attrs.N,
			Tidx: "int32",
		}),
	]),
	ParallelConcat: composite(({ node, inputs, add, scalar }) => [
		add("ConcatV2", [...inputs, scalar("int32", 0)], {
			T: node.attrs.T,
			N: node.attrs.N,
			Tidx: "int32",
		}),
	]),
	/** Where each shape begins along the axis, and 0 elsewhere. */
	ConcatOffset: composite((context) => {
		const { node, inputs, types, add } = context;
		const { dtype } = types[1];
		const { int64, range, element, shapeOf } = movement(context);
		const [axis, ...shapes] = inputs;
		const rank = element(shapeOf(shapes[0]), 0);
		const positive = add("FloorMod", [int64(axis, "int32"), rank], {
			T: "int64",
		});
		const isAxis = add("Equal", [range(rank), positive], {
			T: "int64",
			incompatible_shape_error: true,
		});
		const along = shapes.map((shape) =>
			add("SelectV2", [isAxis, shape, context.scalar(dtype, 0)], { T: dtype }),
		);
		const zeros = add("ZerosLike", [shapes[0]], { T: dtype });
		const offsets = [zeros];
		for (const sizes of along.slice(0, node.outputs.length - 1))
			offsets.push(
				add("AddV2", [offsets[offsets.length - 1], sizes], { T: dtype }),
			);
		return offsets;
	}),
	Pack: primitive((context) => [packed(context)]),
	Unpack: primitive((context) => {
		const { node, inputs } = context;
		const { dtype, shape } = inputs[0];
		if (shape === undefined)
			return node.outputs.map(() => ({ dtype, shape: undefined }));
		const axis = normalizeAxis(intAttr(node, "axis"), shape.length);
		const sizes = node.outputs.map(() => 1);
		const whole = { dtype, shape: merged(shape, axis, sizes.length) };
		return pieces(context, 0, whole.shape, axis, sizes).map((piece) => ({
			...piece,
			shape: piece.shape?.toSpliced(axis, 1),
		}));
	}),
	Split: primitive((context) => {
		const axis = knownElements(context, 0)?.[0];
		const count = context.node.outputs.length;
		return cut(context, 1, axis, (size) => {
			if (size % count !== 0 && size >= 0)
				throw fail(
					"INVALID",
					`cannot split an axis of size ${size} into ${count} equal parts`,
				);
			return new Array<number>(count).fill(size < 0 ? -1 : size / count);
		});
	}),
	SplitV: primitive((context) => {
		const axis = knownElements(context, 2)?.[0];
		const sizes = elementsOf(context, 1);
		return cut(context, 0, axis, (size) => splitSizes(sizes, size, context));
	}),
} as const satisfies Record<string, OpEntry>;

function concatenated(context: InferContext): ValueType {
	const last = context.inputs.length - 1;
	const values = context.inputs.slice(0, last);
	const axis = knownElements(context, last)?.[0];
	const { dtype } = values[0];
	const shapes = values.flatMap(({ shape }) =>
		shape === undefined ? [] : [shape],
	);
	const rank = shapes[0]?.length;
	if (rank === undefined) return { dtype, shape: undefined };
	if (axis === undefined)
		return { dtype, shape: new Array<number>(rank).fill(-1) };
	const joined = normalizeAxis(axis, rank);
	const others = shapes
		.map((shape): Shape => shape.with(joined, -1))
		.reduce(mergeShapes);
	const sizes = values.map(({ shape }) => shape?.[joined] ?? -1);
	const total = isStatic(sizes) ? sizes.reduce((a, b) => a + b, 0) : -1;
	return {
		dtype,
		shape: others?.with(joined, total),
		...movedElements(context, [...values.keys()], (places) =>
			concat(places, joined),
		),
	};
}

function packed(context: InferContext): ValueType {
	const { node, inputs } = context;
	const { dtype } = inputs[0];
	const shape = inputs.map((input) => input.shape).reduce(mergeShapes);
	if (shape === undefined) return { dtype, shape };
	const axis = normalizeAxis(intAttr(node, "axis"), shape.length + 1);
	return {
		dtype,
		shape: shape.toSpliced(axis, 0, inputs.length),
		...movedElements(context, [...inputs.keys()], (places) =>
			stacked(places, axis),
		),
	};
}

/** Tensors of one shape along a new axis. */
export function stacked(values: readonly Tensor[], axis: number): Tensor {
	return concat(
		values.map((value) => ({
			...value,
			shape: value.shape.toSpliced(axis, 0, 1),
		})),
		axis,
	);
}

/** One piece after the other along an axis, as long as `sizes` says. */
export function cutAxis(
	x: Tensor,
	axis: number,
	sizes: readonly number[],
): readonly Tensor[] {
	let start = 0;
	return sizes.map((count) => {
		const ranges = x.shape.map(wholeRange);
		ranges[axis] = { start, count, step: 1 };
		start += count;
		return sliceAxes(x, ranges);
	});
}

/** The pieces of input `data`; `sizesOf` says how long they are along the axis, -1 where that is not known. */
function cut(
	context: InferContext,
	data: number,
	axis: number | undefined,
	sizesOf: (size: number) => readonly number[],
): readonly ValueType[] {
	const { dtype, shape } = context.inputs[data];
	if (shape === undefined || axis === undefined)
		return context.node.outputs.map(() => ({
			dtype,
			shape: shape?.map(() => -1),
		}));
	const at = normalizeAxis(axis, shape.length);
	return pieces(context, data, shape, at, sizesOf(shape[at]));
}

function pieces(
	context: InferContext,
	data: number,
	shape: readonly number[],
	axis: number,
	sizes: readonly number[],
): readonly ValueType[] {
	const { dtype } = context.inputs[data];
	return sizes.map((size, i) => ({
		dtype,
		shape: shape.with(axis, size),
		...(isStatic(sizes)
			? movedElements(
					context,
					[data],
					([places]) => cutAxis(places, axis, sizes)[i],
				)
			: {}),
	}));
}

/** One -1 among the sizes takes what is left. */
function splitSizes(
	sizes: readonly (number | undefined)[] | undefined,
	total: number,
	{ node }: InferContext,
): readonly number[] {
	if (sizes === undefined) return node.outputs.map(() => -1);
	const known = sizes.filter((size) => size !== undefined && size >= 0);
	const rest =
		total - known.reduce<number>((sum, size) => sum + (size ?? 0), 0);
	const isOpen = known.length === sizes.length - 1;
	if (total >= 0 && (rest < 0 || (known.length === sizes.length && rest > 0)))
		throw fail(
			"INVALID",
			`cannot split an axis of size ${total} into parts of ${sizes.join(", ")}`,
		);
	return sizes.map((size) => {
		if (size !== undefined && size >= 0) return size;
		return isOpen && total >= 0 ? rest : -1;
	});
}

/** The shape, with the size of one axis known. */
function merged(
	shape: readonly number[],
	axis: number,
	size: number,
): readonly number[] {
	if (shape[axis] >= 0 && shape[axis] !== size)
		throw fail(
			"INVALID",
			`cannot unpack an axis of size ${shape[axis]} into ${size} parts`,
		);
	return shape.with(axis, size);
}
