import type { GraphBuilder, Value } from "../../graph/builder.js";
import { element, type Length, lengthsOf } from "../../graph/shape.js";

/** Rows of several lengths, one behind the other. */
export interface Ragged {
	readonly values: Value;
	/** Where each row begins, and the end: int64. */
	readonly splits: Value;
	/** How many there are, -1 for any number. */
	readonly rows: number;
}

/** Rows from the row of each value, as `StringSplitV2` gives them. */
export function fromRowIds(
	graph: GraphBuilder,
	values: Value,
	{
		ids,
		count,
		rows,
	}: { readonly ids: Value; readonly count: Value; readonly rows: number },
): Ragged {
	const lengths = graph.op("DenseBincount", [
		ids,
		count,
		graph.array("int64", [0], []),
	]);
	const ends = graph.op("Cumsum", [lengths, graph.scalar("int32", 0)]);
	const splits = graph.op("ConcatV2", [
		graph.array("int64", [1], [0]),
		ends,
		graph.scalar("int32", 0),
	]);
	return {
		values: graph.shaped(values, [-1]),
		splits: graph.shaped(splits, [rows < 0 ? -1 : rows + 1]),
		rows,
	};
}

/** The rows of a matrix. */
export function fromMatrix(graph: GraphBuilder, matrix: Value): Ragged {
	const scalar = (length: Length) =>
		typeof length === "number" ? graph.scalar("int32", length) : length;
	const [count, width] = lengthsOf(graph, matrix).map(scalar);
	const end = graph.op("AddV2", [
		graph.op("Mul", [count, width]),
		graph.scalar("int32", 1),
	]);
	const splits = graph.op("Range", [graph.scalar("int32", 0), end, width]);
	return {
		values: graph.op("Reshape", [matrix, graph.ints([-1])]),
		splits: graph.cast(splits, "int64"),
		rows: matrix.shape?.[0] ?? -1,
	};
}

/** A matrix as wide as the longest row, or as is said; what is missing is `fill`. */
export function toMatrix(
	graph: GraphBuilder,
	{ values, splits, rows }: Ragged,
	fill: Value,
	width = -1,
): Value {
	const matrix = graph.op(
		"RaggedTensorToTensor",
		[graph.array("int64", [2], [-1, width]), values, fill, splits],
		{
			row_partition_types: ["ROW_SPLITS"],
			num_row_partition_tensors: 1,
			Tindex: "int64",
			Tshape: "int64",
		},
	);
	return graph.shaped(matrix, [rows, width]);
}

/** The first element of a shape. */
export function rowCount(graph: GraphBuilder, shape: Value): Value {
	return element(graph, shape, 0);
}
