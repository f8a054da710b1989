import { dtypesAttr, shapesAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";

/** How many examples there are: `[]` for one alone, `[n]` for a batch, `undefined` where that is not known. */
type BatchShape = Shape;

const parseExample: InferRule = ({ node, inputs: [serialized] }) => {
	const batch = serialized.shape;
	return [
		...sparse(dtypesAttr(node, "sparse_types"), batch, 1),
		...dense(node, "Tdense", "dense_shapes", batch),
	];
};

const parseExampleV2: InferRule = ({ node, inputs: [serialized] }) => {
	const batch = serialized.shape;
	const splits = dtypesAttr(node, "ragged_split_types");
	return [
		...sparse(dtypesAttr(node, "sparse_types"), batch, 1),
		...dense(node, "Tdense", "dense_shapes", batch),
		...dtypesAttr(node, "ragged_value_types").map(vector),
		...splits.map((dtype) => splitsType(dtype, batch)),
	];
};

const parseSingleExample: InferRule = ({ node }) => [
	...sparse(dtypesAttr(node, "sparse_types"), [], 1),
	...dense(node, "Tdense", "dense_shapes", []),
];

const parseSequence: InferRule = (context) =>
	sequence(context, context.inputs[0].shape, true);

const parseSingleSequence: InferRule = (context) =>
	sequence(context, [], false);

export const exampleOps = {
	ParseExample: primitive(parseExample),
	ParseExampleV2: primitive(parseExampleV2),
	ParseSingleExample: primitive(parseSingleExample),
	ParseSequenceExample: primitive(parseSequence),
	ParseSequenceExampleV2: primitive(parseSequence),
	ParseSingleSequenceExample: primitive(parseSingleSequence),
} as const satisfies Record<string, OpEntry>;

function sequence(
	{ node }: InferContext,
	batch: BatchShape,
	hasLengths: boolean,
): readonly ValueType[] {
	const lists = listOf(node, "feature_list_dense_types");
	const shapes = shapesAttr(node, "feature_list_dense_shapes");
	const raggedSplits = listOf(node, "context_ragged_split_types");
	// of an example alone this is a scalar without meaning
	const outerSplits = (dtype: DType): ValueType =>
		batch === undefined
			? { dtype, shape: undefined }
			: batch.length === 0
				? { dtype, shape: [] }
				: splitsType(dtype, batch);
	const listSplits = listOf(node, "feature_list_ragged_split_types");
	return [
		...sparse(dtypesAttr(node, "context_sparse_types"), batch, 1),
		...dense(node, "Tcontext_dense", "context_dense_shapes", batch),
		...listOf(node, "context_ragged_value_types").map(vector),
		...raggedSplits.map(outerSplits),
		...sparse(dtypesAttr(node, "feature_list_sparse_types"), batch, 2),
		...lists.map((dtype, i) => ({
			dtype,
			shape: joined(joined(batch, [-1]), shapes[i]),
		})),
		...(hasLengths
			? lists.map((): ValueType => ({ dtype: "int64", shape: batch }))
			: []),
		...listOf(node, "feature_list_ragged_value_types").map(vector),
		...listSplits.map(outerSplits),
		...listSplits.map(vector),
	];
}

/** Element types of an attribute that only some versions of an op have. */
function listOf(node: Node, name: string): readonly DType[] {
	return node.attrs[name] === undefined ? [] : dtypesAttr(node, name);
}

/** Indices, values and shapes of features whose values have `rank` dimensions in one example. */
function sparse(
	dtypes: readonly DType[],
	batch: BatchShape,
	rank: number,
): readonly ValueType[] {
	const width = batch === undefined ? -1 : batch.length + rank;
	return [
		...dtypes.map((): ValueType => ({ dtype: "int64", shape: [-1, width] })),
		...dtypes.map(vector),
		...dtypes.map((): ValueType => ({ dtype: "int64", shape: [width] })),
	];
}

function dense(
	node: Node,
	types: string,
	shapes: string,
	batch: BatchShape,
): readonly ValueType[] {
	const all = shapesAttr(node, shapes);
	return dtypesAttr(node, types).map((dtype, i) => ({
		dtype,
		shape: joined(batch, all[i]),
	}));
}

function joined(outer: Shape, inner: Shape): Shape {
	return outer === undefined || inner === undefined
		? undefined
		: [...outer, ...inner];
}

function vector(dtype: DType): ValueType {
	return { dtype, shape: [-1] };
}

/** An example alone has no splits. */
function splitsType(dtype: DType, batch: BatchShape): ValueType {
	if (batch === undefined) return vector(dtype);
	if (batch.length === 0) return { dtype, shape: [0] };
	return { dtype, shape: [batch[0] < 0 ? -1 : batch[0] + 1] };
}
