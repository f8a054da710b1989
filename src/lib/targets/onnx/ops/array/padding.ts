import { stringAttr } from "../../../../graph/attrs.js";
import type { paddingOps } from "../../../../ops/array/padding.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { gathered } from "./gathering.js";
import { knownIntegers, knownRank } from "./integers.js";
import { type Oriented, oriented } from "./orientation.js";
import { zeroOf } from "./zero.js";

const pad: Lowering = (context) => {
	const { dtype } = context.input(0);
	const value =
		context.inputs[2] === undefined ? zeroOf(context, dtype) : context.input(2);
	return dtype === "string"
		? paddedStrings(context, value)
		: padded(context, "constant", value);
};

const mirrorPad: Lowering = (context) => {
	const mode = stringAttr(context.node, "mode");
	return mode === "REFLECT" && context.input(0).dtype !== "string"
		? padded(context, "reflect")
		: mirrored(context, mode === "REFLECT" ? 0 : 1);
};

function padded(
	context: LowerContext,
	mode: string,
	value?: OnnxValue,
): OnnxValue {
	// ONNX Runtime pads no scalars
	if (context.inputs[0].shape?.length === 0) return context.input(0);
	const orientation = oriented(context);
	return orientation.result(
		context.emit(
			"Pad",
			[orientation.value, paddings(context, orientation), value],
			{ mode },
		),
	);
}

/** [rank, 2] in TensorFlow; all that come before, then all that come behind, in ONNX. */
function paddings(
	context: LowerContext,
	{ list, rows }: Pick<Oriented, "list" | "rows">,
): OnnxValue {
	const { cast, emit, input, ints } = context;
	const known = knownIntegers(context, 1);
	if (known !== undefined) {
		const [before, after] = [0, 1].map((side) =>
			list(known.filter((_, i) => i % 2 === side)),
		);
		return ints([...before, ...after]);
	}
	const turned = emit("Transpose", [rows(cast(input(1), "int64"))], {
		perm: [1, 0],
	});
	return emit("Reshape", [turned, ints([-1])]);
}

/** ONNX Runtime pads no strings: the places are padded, with that of the value, which is put behind all others. */
function paddedStrings(context: LowerContext, value: OnnxValue): OnnxValue {
	const { emit, input, ints, scalar } = context;
	const count = emit("Size", [input(0)], {}, { dtype: "int64" });
	const places = emit(
		"Reshape",
		[
			emit("Range", [scalar("int64", 0), count, scalar("int64", 1)]),
			emit("Shape", [input(0)], {}, { dtype: "int64" }),
		],
		{ allowzero: 1 },
	);
	const inOrder = {
		list: <T>(items: readonly T[]) => items,
		rows: (items: OnnxValue) => items,
	};
	const padded = emit("Pad", [places, paddings(context, inOrder), count]);
	const all = emit(
		"Concat",
		[input(0), value].map((part) => emit("Reshape", [part, ints([-1])])),
		{ axis: 0 },
	);
	return emit("Gather", [all, padded]);
}

/** Mirrors by gathering: ONNX does not repeat the edge, as SYMMETRIC does (`edge` 1). */
function mirrored(context: LowerContext, edge: number): OnnxValue {
	const { cast, emit, input, ints } = context;
	const known = knownIntegers(context, 1);
	const { value, axis: axisOf, result } = oriented(context);
	const axes = Array.from({ length: knownRank(context) }, (_, axis) => axis);
	const edges = axes.map((axis) =>
		known === undefined
			? emit("Gather", [cast(input(1), "int64"), ints([axis])])
			: ints(known.slice(2 * axis, 2 * axis + 2)),
	);
	return result(
		axes
			.filter(
				(axis) =>
					known === undefined || known[2 * axis] + known[2 * axis + 1] > 0,
			)
			.reduce(
				(current, axis) =>
					mirroredAxis(context, current, axisOf(axis), edges[axis], edge),
				value,
			),
	);
}

function mirroredAxis(
	context: LowerContext,
	value: OnnxValue,
	axis: number,
	edges: OnnxValue,
	edge: number,
): OnnxValue {
	const { emit, ints, scalar } = context;
	const [before, after] = [0, 1].map((side) =>
		emit("Squeeze", [
			emit("Gather", [emit("Reshape", [edges, ints([2])]), ints([side])]),
			ints([0]),
		]),
	);
	const shape = emit("Shape", [value], {}, { dtype: "int64" });
	const size = emit("Gather", [shape, scalar("int64", axis)]);
	const places = emit("Range", [
		emit("Neg", [before]),
		emit("Add", [size, after]),
		scalar("int64", 1),
	]);
	// the mirror image of i before the start is −edge − i, that behind the end 2n − 2 + edge − i
	const inside = emit("Max", [
		places,
		emit("Sub", [scalar("int64", -edge), places]),
	]);
	const ends = emit("Add", [
		emit("Add", [size, size]),
		scalar("int64", edge - 2),
	]);
	const sources = emit("Min", [inside, emit("Sub", [ends, inside])]);
	return gathered(context, value, sources, axis);
}

export const paddingLowerings: LoweringTable<typeof paddingOps> = {
	Pad: pad,
	PadV2: pad,
	MirrorPad: mirrorPad,
};
