import { intAttr } from "../../../../graph/attrs.js";
import type { arrangementOps } from "../../../../ops/array/arrangement.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { int32Input, knownNumbers, numbersOf, rankOf } from "../numbers.js";
import { joined, reshaped, shapeOf, sliced } from "../rows.js";
import { axisValue, exchanged } from "./axes.js";
import { turned } from "./transpose.js";

const transpose: LiteLowering = (context) => {
	const { input, emit, outputs } = context;
	const order = numbersOf(context, 1);
	const rank = rankOf(context, 0);
	return order === undefined
		? emit("TRANSPOSE", [input(0), int32Input(context, 1)], outputs[0])
		: turned(
				context,
				input(0),
				order.map((axis) => (axis < 0 ? axis + rank : axis)),
			);
};

const tile: LiteLowering = (context) =>
	context.emit(
		"TILE",
		[context.input(0), int32Input(context, 1)],
		context.outputs[0],
	);

/** An operator an axis: kernels before 2.21 take no others. */
const reverse: LiteLowering = (context) => {
	const { input, emit, ints } = context;
	const rank = rankOf(context, 0);
	if (numbersOf(context, 1) === undefined) return reversedLater(context, rank);
	return knownNumbers(context, 1, "the axes")
		.map((axis) => (axis < 0 ? axis + rank : axis))
		.reduce(
			(value, axis) => emit("REVERSE_V2", [value, ints([axis])], value),
			input(0),
		);
};

/** Along axes that a run decides, of which there must be a known number. */
function reversedLater(context: LiteContext, rank: number): LiteValue {
	const { inputs, input, emit, ints } = context;
	const [count] = inputs[1].shape ?? [-1];
	if (count < 0) throw unfit("TensorFlow Lite must know how many axes");
	return Array.from({ length: count }, (_, i) =>
		axisValue(context, 1, rank, i),
	).reduce((value, axis) => {
		const turned = exchanged(context, value, axis);
		const reversed = emit("REVERSE_V2", [turned, ints([0])], turned);
		return { ...exchanged(context, reversed, axis), shape: value.shape };
	}, input(0));
}

const reverseSequence: LiteLowering = ({ node, input, emit, outputs }) =>
	emit("REVERSE_SEQUENCE", [input(0), input(1)], outputs[0], [
		"ReverseSequenceOptions",
		{ seqDim: intAttr(node, "seq_dim"), batchDim: intAttr(node, "batch_dim") },
	]);

/** What leaves at one end comes in at the other. */
const roll: LiteLowering = (context) => {
	const rank = rankOf(context, 0);
	const axes = knownNumbers(context, 2, "the axes");
	return knownNumbers(context, 1, "how far to roll").reduce(
		(value, shift, i) =>
			rolled(context, value, axes[i] < 0 ? axes[i] + rank : axes[i], shift),
		context.input(0),
	);
};

function rolled(
	context: LiteContext,
	value: LiteValue,
	axis: number,
	shift: number,
): LiteValue {
	const sizes = value.shape ?? [];
	const size = sizes[axis];
	if (size < 0) throw unfit("TensorFlow Lite must know the size of the axis");
	const start = size === 0 ? 0 : ((-shift % size) + size) % size;
	if (start === 0) return value;
	const begin = (first: number) =>
		sizes.map((_, i) => (i === axis ? first : 0));
	const count = (wanted: number) =>
		sizes.map((_, i) => (i === axis ? wanted : -1));
	return joined(
		context,
		[
			sliced(context, value, begin(start), count(size - start)),
			sliced(context, value, begin(0), count(start)),
		],
		axis,
	);
}

/** Each number's place is put where the number says. */
const invertPermutation: LiteLowering = (context) => {
	const { input, emit, cast, outputs, scalar } = context;
	const order = cast(input(0), "int32");
	const count = shapeOf(context, order);
	const places = emit(
		"RANGE",
		[scalar("int32", 0), reshaped(context, count, []), scalar("int32", 1)],
		{ dtype: "int32", shape: order.shape },
		["RangeOptions", {}],
	);
	const put = emit(
		"SCATTER_ND",
		[reshaped(context, order, [-1, 1]), places, count],
		{ dtype: "int32", shape: order.shape },
	);
	return cast(put, outputs[0].dtype);
};

export const arrangementRows: LiteTable<typeof arrangementOps> = {
	Transpose: transpose,
	Tile: tile,
	ReverseV2: reverse,
	ReverseSequence: reverseSequence,
	Roll: roll,
	InvertPermutation: invertPermutation,
};
