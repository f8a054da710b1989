import { stringAttr } from "../../../../graph/attrs.js";
import type { paddingOps } from "../../../../ops/array/padding.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { knownIntegers, knownRank } from "./integers.js";
import { type Oriented, oriented } from "./orientation.js";
import { zeroOf } from "./zero.js";

const pad: Lowering = (context) => {
	const value = context.inputs[2] === undefined ? undefined : context.input(2);
	return context.input(0).dtype === "string"
		? paddedStrings(context, value ?? zeroOf(context, "string"))
		: padded(context, "constant", value);
};

const mirrorPad: Lowering = (context) =>
	stringAttr(context.node, "mode") === "REFLECT"
		? padded(context, "reflect")
		: mirrored(context);

function padded(
	context: LowerContext,
	mode: string,
	value?: OnnxValue,
): OnnxValue {
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

/** Mirrors with the edge repeated, which ONNX does not: each axis is gathered from −1 − i before it and 2n − 1 − i behind. */
function mirrored(context: LowerContext): OnnxValue {
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
					mirroredAxis(context, current, axisOf(axis), edges[axis]),
				value,
			),
	);
}

function mirroredAxis(
	{ emit, ints, scalar }: LowerContext,
	value: OnnxValue,
	axis: number,
	edges: OnnxValue,
): OnnxValue {
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
	// distances from the edge at −½, then from the edge at n − ½, in wholes
	const fromStart = emit("Max", [
		places,
		emit("Sub", [scalar("int64", -1), places]),
	]);
	const last = emit("Sub", [emit("Add", [size, size]), scalar("int64", 1)]);
	const sources = emit("Min", [fromStart, emit("Sub", [last, fromStart])]);
	return emit("Gather", [value, sources], { axis });
}

export const paddingLowerings: LoweringTable<typeof paddingOps> = {
	Pad: pad,
	PadV2: pad,
	MirrorPad: mirrorPad,
};
