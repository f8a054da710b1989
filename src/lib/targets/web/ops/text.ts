import type { ValueType } from "../../../ops/define.js";
import { int, type } from "../attrs.js";
import type { WebContext, WebLowering, WebRow, WebValue } from "../lowering.js";
import { arrayRows } from "./array.js";
import { concatenated } from "./concatenation.js";
import { countTo, takenAt } from "./counting.js";
import { mathRows } from "./math.js";

/** What TensorFlow.js's plain JavaScript kernels do with text. */
export const TAKES_TEXT: ReadonlySet<string> = new Set([
	"ConcatV2",
	"Equal",
	"ExpandDims",
	"Fill",
	"GatherNd",
	"Identity",
	"IdentityN",
	"NotEqual",
	"Pack",
	"Rank",
	"Reshape",
	"Shape",
	"ShapeN",
	"Size",
	"Slice",
	"Split",
	"SplitV",
	"Squeeze",
	"StridedSlice",
	"Tile",
	"Unique",
	"UniqueV2",
	"Unpack",
]);

/** Numbers the elements of all operands that are text, moves the numbers, and takes the text that each stands for. */
function moved(row: WebRow | undefined): WebLowering {
	if (typeof row !== "function") throw new Error("no row moves text");
	return (context) => {
		const { inputs, outputs, constant, input } = context;
		const { all, places } = numbered(context);
		const made = row({
			...context,
			inputs: inputs.map(asNumbers),
			outputs: outputs.map(asNumbers),
			constant: (index) => (places.has(index) ? undefined : constant(index)),
			input: (index) => places.get(index) ?? input(index),
		});
		return [made]
			.flat()
			.map((value, i) =>
				outputs[i].dtype === "string" ? takenAt(context, all, value) : value,
			);
	};
}

function asNumbers(type: ValueType): ValueType {
	return type.dtype === "string" ? { ...type, dtype: "int32" } : type;
}

interface Numbered {
	/** The text of all operands, one after another. */
	readonly all: WebValue;
	/** Where in it the elements of an operand are, by its index. */
	readonly places: ReadonlyMap<number, WebValue>;
}

function numbered(context: WebContext): Numbered {
	const { inputs, input, emit, ints, scalar } = context;
	const texts = inputs.flatMap(({ dtype }, i) =>
		dtype === "string" ? [i] : [],
	);
	const places = new Map<number, WebValue>();
	let from = scalar(0);
	for (const index of texts) {
		const to = emit("AddV2", [from, emit("Size", [input(index)])]);
		const range = countTo(context, to, from);
		places.set(index, emit("Reshape", [range, emit("Shape", [input(index)])]));
		from = to;
	}
	const flat = texts.map((i) => emit("Reshape", [input(i), ints([-1])]));
	const all =
		flat.length === 1
			? flat[0]
			: emit("ConcatV2", [...flat, scalar(0)], { N: int(flat.length) });
	return { all, places };
}

const empty: WebLowering = ({ input, emit, weight }) =>
	emit(
		"Fill",
		[
			emit("Shape", [input(0)]),
			weight({ dtype: "string", shape: [], data: [new Uint8Array(0)] }),
		],
		{ T: type("string") },
	);

/** Of each filled row the number of its value, or of the one behind all of them. */
const filled: WebLowering = (context) => {
	const { input, emit, emitMany, ints, scalar } = context;
	const count = emit("Size", [input(1)]);
	const places = countTo(context, count);
	const [indices, taken, ...rest] = emitMany(
		"SparseFillEmptyRows",
		[input(0), places, input(2), count],
		4,
	);
	const all = emit(
		"ConcatV2",
		[input(1), emit("Reshape", [input(3), ints([1])]), scalar(0)],
		{ N: int(2) },
	);
	return [indices, takenAt(context, all, taken), ...rest];
};

const sum: WebLowering = (context) =>
	concatenated(context, [context.input(0), context.input(1)]);

/** Rows for text where TensorFlow.js's operation takes numbers only. */
export const textRows: Readonly<Record<string, WebLowering | undefined>> = {
	Add: sum,
	AddV2: sum,
	BroadcastTo: moved(arrayRows.BroadcastTo),
	DepthToSpace: moved(arrayRows.DepthToSpace),
	GatherV2: moved(arrayRows.GatherV2),
	PadV2: moved(arrayRows.PadV2),
	ReverseV2: moved(arrayRows.ReverseV2),
	Roll: moved(arrayRows.Roll),
	Select: moved(mathRows.Select),
	SelectV2: moved(mathRows.SelectV2),
	SpaceToDepth: moved(arrayRows.SpaceToDepth),
	SparseFillEmptyRows: filled,
	TensorScatterUpdate: moved(arrayRows.TensorScatterUpdate),
	Transpose: moved(arrayRows.Transpose),
	ZerosLike: empty,
};
