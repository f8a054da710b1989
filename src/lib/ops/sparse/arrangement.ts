import { intAttr } from "../../graph/attrs.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { elementsOf, shapeFromInput } from "../shapes.js";
import { reshapedSparse, withoutEmptyRows } from "./arrangement-composed.js";
import { sparseRank, sparseTypes, valueCount } from "./parts.js";

const slice: InferRule = ({ inputs: [indices, values, shape] }) =>
	sparseTypes(values.dtype, sparseRank(indices, shape));

/** Ops that order, join and cut sparse tensors: indices [n, rank], values [n] and a shape vector. */
export const sparseArrangementOps = {
	SparseReorder: primitive(({ inputs: [indices, values, shape] }) =>
		sparseTypes(
			values.dtype,
			sparseRank(indices, shape),
			valueCount(indices, values),
		).slice(0, 2),
	),
	SparseReshape: primitive((context) => {
		const [indices] = context.inputs;
		const rank = shapeFromInput(context, 2)?.length ?? -1;
		return [
			{ dtype: "int64", shape: [indices.shape?.[0] ?? -1, rank] },
			{ dtype: "int64", shape: [rank] },
		];
	}, reshapedSparse),
	SparseFillEmptyRows: primitive((context) => {
		const [indices, values, shape] = context.inputs;
		const [made, filled] = sparseTypes(
			values.dtype,
			sparseRank(indices, shape),
		);
		const rows = elementsOf(context, 2)?.[0] ?? -1;
		const count = valueCount(indices, values);
		return [
			made,
			filled,
			{ dtype: "bool", shape: [rows] },
			{ dtype: "int64", shape: [count] },
		];
	}, withoutEmptyRows),
	SparseConcat: primitive(({ node, inputs }) => {
		const n = intAttr(node, "N");
		const rank = sparseRank(inputs[0], inputs[2 * n]);
		return sparseTypes(inputs[n].dtype, rank);
	}),
	SparseSplit: primitive(({ node, inputs: [, indices, values, shape] }) => {
		const parts = intAttr(node, "num_split");
		return sparseTypes(values.dtype, sparseRank(indices, shape)).flatMap(
			(type) => Array.from({ length: parts }, () => type),
		);
	}),
	SparseSlice: primitive(slice),
} as const satisfies Record<string, OpEntry>;
