import { stringAttr } from "../../../../graph/attrs.js";
import type { creationOps } from "../../../../ops/array/creation.js";
import { channelsFirstList } from "../../layout.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { knownRank } from "./shape.js";

const fill: Lowering = (context) =>
	context.emit("Expand", [
		context.input(1),
		context.cast(context.input(0), "int64"),
	]);

function like(value: number): Lowering {
	return (context) => {
		const { dtype } = context.inputs[0];
		const shape = context.emit(
			"Shape",
			[context.input(0)],
			{},
			{ dtype: "int64" },
		);
		return context.emit("Expand", [context.scalar(dtype, value), shape]);
	};
}

/** start + i·(stop − start)/(num − 1); a single one is the start. */
const linSpace: Lowering = (context) => {
	const { dtype } = context.inputs[0];
	const [start, stop] = [context.input(0), context.input(1)];
	const one = context.scalar("int64", 1);
	const count = context.emit("Reshape", [
		context.cast(context.input(2), "int64"),
		context.ints([]),
	]);
	const steps = context.emit("Max", [context.emit("Sub", [count, one]), one]);
	const step = context.emit("Div", [
		context.emit("Sub", [stop, start]),
		context.cast(steps, dtype),
	]);
	const positions = context.cast(
		context.emit("Range", [context.scalar("int64", 0), count, one]),
		dtype,
	);
	return context.emit("Add", [start, context.emit("Mul", [positions, step])]);
};

const pad: Lowering = (context) =>
	padded(
		context,
		"constant",
		context.inputs.length > 2
			? context.input(2)
			: context.scalar(context.inputs[0].dtype, 0),
	);

const mirrorPad: Lowering = (context) => {
	if (stringAttr(context.node, "mode") === "REFLECT")
		return padded(context, "reflect");
	return symmetricallyPadded(context);
};

function padded(
	context: LowerContext,
	mode: string,
	value?: OnnxValue,
): OnnxValue {
	const paddings = context.constant(1);
	const rank = context.inputs[0].shape?.length;
	if (paddings === undefined || rank === undefined)
		return context.emit(
			"Pad",
			[context.input(0), runTimePaddings(context), value],
			{ mode },
		);
	const sizes = Array.from(paddings.data as ArrayLike<number | bigint>, Number);
	const [before, after] = [0, 1].map((side) =>
		sizes.filter((_, i) => i % 2 === side),
	);
	if (!context.isChannelsFirst(0) || rank < 3)
		return context.emit(
			"Pad",
			[context.input(0), context.ints([...before, ...after]), value],
			{ mode },
		);
	const turned = context.ints([
		...channelsFirstList(before),
		...channelsFirstList(after),
	]);
	return {
		...context.emit("Pad", [context.channelsFirst(0), turned, value], { mode }),
		channelsFirst: true,
	};
}

/** [rank, 2] in TensorFlow; all that come before, then all that come behind, in ONNX. */
function runTimePaddings(context: LowerContext): OnnxValue {
	const turned = context.emit(
		"Transpose",
		[context.cast(context.input(1), "int64")],
		{ perm: [1, 0] },
	);
	return context.emit("Reshape", [turned, context.ints([-1])]);
}

/** Mirrors with the edge repeated, which ONNX does not: each axis is joined from a reversed start, itself, a reversed end. */
function symmetricallyPadded(context: LowerContext): OnnxValue {
	const paddings = Array.from(
		context.constant(1)?.data as ArrayLike<number | bigint>,
		Number,
	);
	return Array.from({ length: knownRank(context) }, (_, axis) => axis).reduce(
		(value, axis) => {
			const [before, after] = [paddings[2 * axis], paddings[2 * axis + 1]];
			const at = context.ints([axis]);
			const reversed = (from: number, to: number) =>
				context.emit("Slice", [
					value,
					context.ints([from]),
					context.ints([to]),
					at,
					context.ints([-1]),
				]);
			const parts = [
				...(before > 0 ? [reversed(before - 1, -(2 ** 31))] : []),
				value,
				...(after > 0 ? [reversed(-1, -after - 1)] : []),
			];
			return parts.length === 1
				? value
				: context.emit("Concat", parts, { axis });
		},
		context.input(0),
	);
}

/** Keeps `num_lower` diagonals below the main one and `num_upper` above it, all of them if negative. */
const bandPart: Lowering = (context) => {
	const { emit, ints, scalar, cast, inputs } = context;
	const rank = knownRank(context);
	const shape = emit("Shape", [context.input(0)], {}, { dtype: "int64" });
	const positions = (axis: number) => {
		const size = emit("Reshape", [
			emit("Gather", [shape, ints([axis])]),
			ints([]),
		]);
		return emit("Range", [scalar("int64", 0), size, scalar("int64", 1)]);
	};
	const rows = emit("Unsqueeze", [positions(rank - 2), ints([1])]);
	const below = emit("Sub", [
		rows,
		emit("Unsqueeze", [positions(rank - 1), ints([0])]),
	]);
	const within = (distance: OnnxValue, limit: OnnxValue) => {
		const isOpen = emit(
			"Less",
			[limit, scalar("int64", 0)],
			{},
			{ dtype: "bool" },
		);
		return emit("Or", [
			isOpen,
			emit("LessOrEqual", [distance, limit], {}, { dtype: "bool" }),
		]);
	};
	const [lower, upper] = [1, 2].map((index) =>
		cast(context.input(index), "int64"),
	);
	const isKept = emit("And", [
		within(below, lower),
		within(emit("Neg", [below]), upper),
	]);
	if (inputs[0].dtype === "bool")
		return emit("And", [context.input(0), isKept]);
	return emit(
		"Where",
		[isKept, context.input(0), scalar(inputs[0].dtype, 0)],
		{},
		{ dtype: context.input(0).dtype },
	);
};

export const creationLowerings: LoweringTable<typeof creationOps> = {
	// constants are made where they are used; see builder.ts
	Const: () => [],
	Fill: fill,
	ZerosLike: like(0),
	OnesLike: like(1),
	Range: (context) =>
		context.emit("Range", [
			context.input(0),
			context.input(1),
			context.input(2),
		]),
	LinSpace: linSpace,
	BroadcastTo: fillFrom,
	BroadcastArgs: (context) => {
		const ones = (index: number) =>
			context.emit("Expand", [
				context.scalar("int64", 1),
				context.cast(context.input(index), "int64"),
			]);
		const together = context.emit("Add", [ones(0), ones(1)]);
		return context.cast(
			context.emit("Shape", [together], {}, { dtype: "int64" }),
			context.outputs[0].dtype,
		);
	},
	Pad: pad,
	PadV2: pad,
	MirrorPad: mirrorPad,
	MatrixBandPart: bandPart,
};

function fillFrom(context: LowerContext): OnnxValue {
	return context.emit("Expand", [
		context.input(0),
		context.cast(context.input(1), "int64"),
	]);
}
