import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { arrangementOps } from "../../../../ops/array/arrangement.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import { storageType } from "../../kernels.js";
import { channelsFirstAxis } from "../../layout.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { knownRank } from "./shape.js";

/** The integers of a constant input; fails with UNSUPPORTED if they are computed at run time. */
export function constantNumbers(
	{ constant, node }: LowerContext,
	index: number,
): readonly number[] {
	const tensor = constant(index);
	if (tensor === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot lower ${node.op}: its input ${index} is computed at run time, ONNX wants a constant`,
		);
	return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

const transpose: Lowering = (context) => {
	const rank = knownRank(context);
	const order = constantNumbers(context, 1).map((axis) =>
		normalizeAxis(axis, rank),
	);
	const isChannelsFirst = context.isChannelsFirst(0) && rank > 2;
	const from = isChannelsFirst ? context.channelsFirst(0) : context.input(0);
	const perm = isChannelsFirst
		? order.map((axis) => channelsFirstAxis(axis, rank))
		: order;
	return perm.every((axis, i) => axis === i)
		? { name: from.name, dtype: from.dtype }
		: context.emit("Transpose", [from], { perm });
};

const concat: Lowering = (context) => {
	const last = context.inputs.length - 1;
	const indices = Array.from({ length: last }, (_, i) => i);
	const shape = indices
		.map((index) => context.inputs[index].shape)
		.find((known) => known !== undefined);
	const [axis] = constantNumbers(context, last);
	const isChannelsFirst =
		shape !== undefined &&
		shape.length > 2 &&
		indices.some((index) => context.isChannelsFirst(index)) &&
		indices.every((index) => context.inputs[index].shape !== undefined);
	if (!isChannelsFirst)
		return context.emit(
			"Concat",
			indices.map((index) => context.input(index)),
			{ axis },
		);
	const mapped = channelsFirstAxis(
		normalizeAxis(axis, shape.length),
		shape.length,
	);
	return {
		...context.emit(
			"Concat",
			indices.map((index) => context.channelsFirst(index)),
			{ axis: mapped },
		),
		channelsFirst: true,
	};
};

/** ONNX stacks by giving each value the new axis first. */
const pack: Lowering = (context) => {
	const axis = intAttr(context.node, "axis");
	const outputRank = knownRank(context) + 1;
	const at = context.ints([normalizeAxis(axis, outputRank)]);
	const values = context.inputs.map((_, index) =>
		context.emit("Unsqueeze", [context.input(index), at]),
	);
	return context.emit("Concat", values, {
		axis: normalizeAxis(axis, outputRank),
	});
};

const unpack: Lowering = (context) => {
	const axis = normalizeAxis(intAttr(context.node, "axis"), knownRank(context));
	return pieces(context, context.input(0), axis).map((piece) =>
		context.emit("Squeeze", [piece, context.ints([axis])]),
	);
};

const split: Lowering = (context) => {
	const [axis] = constantNumbers(context, 0);
	return splitAlong(context, 1, axis);
};

const splitV: Lowering = (context) => {
	const [axis] = constantNumbers(context, 2);
	const at = normalizeAxis(axis, knownRank(context));
	const sizes = context.outputs.map(({ shape }) => shape?.[at] ?? -1);
	return splitAlong(
		context,
		0,
		axis,
		sizes.every((size) => size >= 0)
			? context.ints(sizes)
			: context.cast(context.input(1), "int64"),
	);
};

function splitAlong(
	context: LowerContext,
	data: number,
	axis: number,
	sizes?: OnnxValue,
): readonly OnnxValue[] {
	const rank = knownRank(context, data);
	const at = normalizeAxis(axis, rank);
	if (!context.isChannelsFirst(data) || rank < 3)
		return pieces(context, context.input(data), at, sizes);
	return pieces(
		context,
		context.channelsFirst(data),
		channelsFirstAxis(at, rank),
		sizes,
	).map((piece) => ({ ...piece, channelsFirst: true }));
}

/** Equal pieces unless their sizes are given. */
function pieces(
	context: LowerContext,
	value: OnnxValue,
	axis: number,
	sizes?: OnnxValue,
): readonly OnnxValue[] {
	const dtypes = context.outputs.map(
		({ dtype }) => storageType(dtype) ?? dtype,
	);
	return context.emitMany(
		"Split",
		[value, sizes],
		dtypes,
		sizes === undefined ? { axis, num_outputs: dtypes.length } : { axis },
	);
}

/** Reverses by slicing each axis from its end with step -1. */
function reversed(context: LowerContext, axes: readonly number[]): OnnxValue {
	if (axes.length === 0) return context.input(0);
	const of = (value: number) => context.ints(axes.map(() => value));
	return context.emit("Slice", [
		context.input(0),
		of(-1),
		of(-Number.MAX_SAFE_INTEGER),
		context.ints(axes),
		of(-1),
	]);
}

/** What is rolled out at the end comes in at the front: two slices, swapped. */
const roll: Lowering = (context) => {
	const axes = constantNumbers(context, 2);
	const shifts = constantNumbers(context, 1);
	const shape = context.inputs[0].shape;
	return axes.reduce((value, axis, i) => {
		const size = shape?.[normalizeAxis(axis, shape.length)] ?? -1;
		if (size < 0)
			throw fail(
				"UNSUPPORTED",
				"cannot lower Roll: the size of the rolled axis is not known",
			);
		const cut = size === 0 ? 0 : (((size - shifts[i]) % size) + size) % size;
		const part = (from: number, to: number) =>
			context.emit("Slice", [
				value,
				context.ints([from]),
				context.ints([to]),
				context.ints([axis]),
			]);
		return cut === 0
			? value
			: context.emit("Concat", [part(cut, size), part(0, cut)], { axis });
	}, context.input(0));
};

export const arrangementLowerings: LoweringTable<typeof arrangementOps> = {
	Transpose: transpose,
	ConcatV2: concat,
	Pack: pack,
	Unpack: unpack,
	Split: split,
	SplitV: splitV,
	Tile: (context) =>
		context.emit("Tile", [
			context.input(0),
			context.cast(context.input(1), "int64"),
		]),
	Reverse: (context) =>
		reversed(
			context,
			constantNumbers(context, 1).flatMap((flag, axis) => (flag ? [axis] : [])),
		),
	ReverseV2: (context) => reversed(context, constantNumbers(context, 1)),
	Roll: roll,
};
