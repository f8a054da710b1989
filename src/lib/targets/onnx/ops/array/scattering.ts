import { fail } from "../../../../errors.js";
import type { scatteringOps } from "../../../../ops/array/scattering.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { integerVector, strictIndices } from "./integers.js";
import { zeroOf } from "./zero.js";

/** Rows replaced: where several indices are the same, any of them, as TensorFlow says. */
const update: Lowering = (context) => {
	const { emit, input, inputs, node } = context;
	const isLenient = node.attrs.bad_indices_policy === "IGNORE";
	// ONNX Runtime divides by the number of coordinates
	if (isLenient || inputs[1].shape?.at(-1) === 0)
		return scattered(context, input(0), 1, 2, "none");
	return emit("ScatterND", [
		input(0),
		strictIndices(context, 1, "int64"),
		input(2),
	]);
};

const scatterNd: Lowering = (context) => {
	const { emit, input } = context;
	const zeros = emit("Expand", [
		zeroOf(context, input(1).dtype),
		integerVector(context, 2),
	]);
	return scattered(context, zeros, 0, 1, "add");
};

function scatterInto(reduction: string): Lowering {
	return (context) => scattered(context, context.input(0), 1, 2, reduction);
}

/**
 * Scatters row by row with flat indices: ONNX Runtime's ScatterND lets threads race for a row that several indices name.
 * Bad indices that are to be ignored are for one more row, which is cut off.
 */
function scattered(
	context: LowerContext,
	data: OnnxValue,
	indices: number,
	updates: number,
	reduction: string,
): OnnxValue {
	const { cast, emit, input, ints, node } = context;
	const isLenient = node.attrs.bad_indices_policy === "IGNORE";
	const depth = indexDepth(context, indices);
	const shape = shapeOf(context, data);
	const outer = emit("Slice", [shape, ints([0]), ints([depth])]);
	const count = product(context, outer);
	const width = product(
		context,
		emit("Slice", [shape, ints([depth]), ints([MAX_RANK])]),
	);
	const listed = emit("Reshape", [
		strictIndices(context, indices, "int64"),
		ints([-1, depth]),
	]);
	const { rows, isThere } = rowIndices(context, listed, outer, depth);
	const places =
		depth === 1 && !isLenient
			? rows
			: emit("Where", [isThere, rows, isLenient ? count : ints([BEYOND])]);
	const held = data.dtype === "float16" ? "float32" : data.dtype;
	const table = (value: OnnxValue, first: OnnxValue) =>
		emit(
			"Reshape",
			[cast(value, held), emit("Concat", [first, width], { axis: 0 })],
			{ allowzero: 1 },
		);
	const given = table(
		input(updates),
		emit("Shape", [places], { end: 1 }, { dtype: "int64" }),
	);
	const target = table(data, count);
	const result = emit(
		"ScatterElements",
		[
			isLenient ? withOneMoreRow(context, target, width) : target,
			emit("Expand", [places, shapeOf(context, given)]),
			given,
		],
		{ axis: 0, reduction },
	);
	const kept = isLenient
		? emit("Slice", [result, ints([0]), count, ints([0])])
		: result;
	return cast(emit("Reshape", [kept, shape], { allowzero: 1 }), data.dtype);
}

const MAX_RANK = 254;
/** No tensor has a row of this index. */
const BEYOND = 2 ** 52;

/** Indices of `depth` coordinates, [count, depth], as indices of rows, and whether there is such a row: [count, 1]. */
function rowIndices(
	context: LowerContext,
	listed: OnnxValue,
	outer: OnnxValue,
	depth: number,
) {
	const { emit, emitMany, ints } = context;
	const columns = emitMany(
		"Split",
		[listed],
		new Array<"int64">(depth).fill("int64"),
		{ axis: 1, num_outputs: depth },
	);
	return columns
		.map((column, axis) => {
			const size = emit("Gather", [outer, ints([axis])]);
			const behind = emit("Slice", [outer, ints([axis + 1]), ints([depth])]);
			return {
				rows: emit("Mul", [column, product(context, behind)]),
				isThere: emit("Less", [column, size], {}, { dtype: "bool" }),
			};
		})
		.reduce((a, b) => ({
			rows: emit("Add", [a.rows, b.rows]),
			isThere: emit("And", [a.isThere, b.isThere]),
		}));
}

function withOneMoreRow(
	context: LowerContext,
	table: OnnxValue,
	width: OnnxValue,
): OnnxValue {
	const { emit, ints } = context;
	const size = emit("Concat", [ints([1]), width], { axis: 0 });
	const row = emit("Expand", [zeroOf(context, table.dtype), size]);
	return emit("Concat", [table, row], { axis: 0 });
}

/** How many coordinates an index has. */
function indexDepth({ inputs, node }: LowerContext, index: number): number {
	const depth = inputs[index].shape?.at(-1) ?? -1;
	if (depth < 1)
		throw fail(
			"UNSUPPORTED",
			depth < 0
				? `cannot lower ${node.op}: how many coordinates an index has is not known`
				: `cannot lower ${node.op}: its indices have no coordinates`,
		);
	return depth;
}

function product({ emit, ints }: LowerContext, sizes: OnnxValue): OnnxValue {
	return emit("ReduceProd", [sizes, ints([0])]);
}

function shapeOf({ emit }: LowerContext, value: OnnxValue): OnnxValue {
	return emit("Shape", [value], {}, { dtype: "int64" });
}

export const scatteringLowerings: LoweringTable<typeof scatteringOps> = {
	ScatterNd: scatterNd,
	TensorScatterUpdate: update,
	TensorScatterAdd: scatterInto("add"),
	TensorScatterMax: scatterInto("max"),
	TensorScatterMin: scatterInto("min"),
};
