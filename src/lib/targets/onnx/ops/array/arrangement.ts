import { fail } from "../../../../errors.js";
import { intAttr } from "../../../../graph/attrs.js";
import type { arrangementOps } from "../../../../ops/array/arrangement.js";
import { normalizeAxis } from "../../../../ops/shapes.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { middleAxis } from "../../middle-axis.js";
import { gathered } from "./gathering.js";
import { integerVector, knownIntegers, knownRank } from "./integers.js";
import { arranged, oriented, orientedAxes } from "./orientation.js";

/** A transposition from or to channels first is only another name for the same tensor. */
const transpose: Lowering = (context) => {
	const order = knownIntegers(context, 1);
	if (order === undefined) return transposedAtRunTime(context);
	const rank = order.length;
	const positive = order.map((axis) => normalizeAxis(axis, rank));
	const axes = orientedAxes(context, rank);
	return arranged(
		context,
		oriented(context).value,
		axes.map((axis) => positive.indexOf(axis)),
	);
};

/** Gathers elements by their places: along each axis of the result, steps of the axis that it was. */
function transposedAtRunTime(context: LowerContext): OnnxValue {
	const { emit, ints, input, inputs, scalar } = context;
	const rank = inputs[0].shape?.length ?? inputs[1].shape?.[0] ?? -1;
	if (rank < 0)
		throw fail(
			"UNSUPPORTED",
			"cannot lower Transpose: neither the rank nor the order of axes is known",
		);
	if (rank < 2) return input(0);
	const shape = emit("Shape", [input(0)], {}, { dtype: "int64" });
	const given = integerVector(context, 1);
	const order = emit("Mod", [emit("Add", [given, ints([rank])]), ints([rank])]);
	const steps = emit(
		"Concat",
		Array.from({ length: rank }, (_, axis) => {
			const inner = emit("Slice", [shape, ints([axis + 1]), ints([rank])]);
			return emit("ReduceProd", [inner, ints([0])], { keepdims: 1 });
		}),
		{ axis: 0 },
	);
	const places = Array.from({ length: rank }, (_, axis) => {
		const from = emit("Gather", [order, scalar("int64", axis)]);
		const count = emit("Gather", [shape, from]);
		const along = emit("Range", [
			scalar("int64", 0),
			count,
			scalar("int64", 1),
		]);
		const turned = Array.from({ length: rank }, (__, i) =>
			i === axis ? -1 : 1,
		);
		return emit("Reshape", [
			emit("Mul", [along, emit("Gather", [steps, from])]),
			ints(turned),
		]);
	}).reduce((a, b) => emit("Add", [a, b]));
	return emit("Gather", [emit("Reshape", [input(0), ints([-1])]), places]);
}

const tile: Lowering = (context) => {
	const { value, list, rows, result } = oriented(context);
	const known = knownIntegers(context, 1);
	const multiples =
		known === undefined
			? rows(integerVector(context, 1))
			: context.ints(list(known));
	return result(context.emit("Tile", [value, multiples]));
};

/** Reverses by slicing each axis from its end with step -1. */
const reverse: Lowering = (context) => {
	const { emit, ints } = context;
	const known = knownIntegers(context, 1);
	if (known === undefined) {
		const axes = integerVector(context, 1);
		const each = (value: number) =>
			emit("Expand", [
				ints([value]),
				emit("Shape", [axes], {}, { dtype: "int64" }),
			]);
		return emit("Slice", [
			context.input(0),
			each(-1),
			each(START),
			axes,
			each(-1),
		]);
	}
	const { value, axis, result } = oriented(context);
	if (known.length === 0) return value;
	const each = (item: number) => ints(known.map(() => item));
	const axes = ints(known.map(axis));
	return result(emit("Slice", [value, each(-1), each(START), axes, each(-1)]));
};

/** Before the first element, when counting from the end. */
const START = -(2 ** 31);

/** ONNX reverses along the first two axes, in either order. */
const reverseSequence: Lowering = (context) => {
	const { emit, node } = context;
	const rank = knownRank(context);
	const batch = normalizeAxis(intAttr(node, "batch_dim"), rank);
	const sequence = normalizeAxis(intAttr(node, "seq_dim"), rank);
	const lengths = integerVector(context, 1);
	if (batch < 2 && sequence < 2)
		return emit("ReverseSequence", [context.input(0), lengths], {
			batch_axis: batch,
			time_axis: sequence,
		});
	const rest = Array.from({ length: rank }, (_, axis) => axis).filter(
		(axis) => axis !== batch && axis !== sequence,
	);
	const order = [batch, sequence, ...rest];
	const turned = emit("Transpose", [context.input(0)], { perm: order });
	const reversed = emit("ReverseSequence", [turned, lengths], {
		batch_axis: 0,
		time_axis: 1,
	});
	return arranged(context, reversed, order);
};

/** What is rolled out at the end comes in at the front: each axis is gathered from where its elements were. */
const roll: Lowering = (context) => {
	const axes = knownIntegers(context, 2);
	const shifts = integerVector(context, 1);
	if (axes === undefined) return rolledAtRunTime(context, shifts);
	const { value, axis: axisOf, result } = oriented(context);
	return result(
		axes.reduce(
			(current, axis, i) =>
				rolled(context, current, axisOf(axis), shiftAt(context, shifts, i)),
			value,
		),
	);
};

function shiftAt(
	{ emit, ints }: LowerContext,
	shifts: OnnxValue,
	i: number,
): OnnxValue {
	return emit("Gather", [shifts, ints([i])]);
}

function rolled(
	context: LowerContext,
	value: OnnxValue,
	axis: number,
	shift: OnnxValue,
): OnnxValue {
	const { emit, ints, scalar } = context;
	const shape = emit("Shape", [value], {}, { dtype: "int64" });
	const size = emit("Gather", [shape, ints([axis])]);
	const count = emit("Squeeze", [size, ints([0])]);
	const places = emit("Range", [scalar("int64", 0), count, scalar("int64", 1)]);
	// ONNX Runtime refuses to divide by 0 even where there is nothing to divide
	const sources = emit("Mod", [
		emit("Sub", [places, shift]),
		emit("Max", [size, ints([1])]),
	]);
	return gathered(context, value, sources, axis);
}

function rolledAtRunTime(context: LowerContext, shifts: OnnxValue): OnnxValue {
	const axes = integerVector(context, 2);
	const { shape } = context.inputs[2];
	const count = shape?.length === 0 ? 1 : (shape?.[0] ?? -1);
	if (count < 0)
		throw fail(
			"UNSUPPORTED",
			"cannot lower Roll: the number of its axes is not known",
		);
	return Array.from({ length: count }, (_, i) => i).reduce((value, i) => {
		const axis = shiftAt(context, axes, i);
		const middle = middleAxis(context, value, axis);
		const turned = rolled(
			context,
			middle.value,
			1,
			shiftAt(context, shifts, i),
		);
		return middle.restored(turned, middle.size);
	}, context.input(0));
}

/** Where each index stands: put 0, 1, 2, … at the places that the permutation names. */
const invertPermutation: Lowering = (context) => {
	const { emit, cast, scalar, outputs } = context;
	const order = integerVector(context, 0);
	const count = emit("Size", [order]);
	const places = emit("Range", [scalar("int64", 0), count, scalar("int64", 1)]);
	return cast(
		emit("ScatterElements", [order, order, places], { axis: 0 }),
		outputs[0].dtype,
	);
};

export const arrangementLowerings: LoweringTable<typeof arrangementOps> = {
	Transpose: transpose,
	Tile: tile,
	ReverseV2: reverse,
	ReverseSequence: reverseSequence,
	Roll: roll,
	InvertPermutation: invertPermutation,
};
