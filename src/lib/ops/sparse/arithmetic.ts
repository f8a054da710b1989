import { boolAttr } from "../../graph/attrs.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";
import { knownElements, normalizeAxis } from "../shapes.js";
import { anySizes, sparseRank, sparseTypes } from "./parts.js";

const merged: InferRule = ({ inputs: [indices, values, shape] }) =>
	sparseTypes(values.dtype, sparseRank(indices, shape));

const valuesAlone: InferRule = ({ inputs: [, values] }) => [values];

/** How many axes a reduction of a sparse tensor leaves. */
const reducedRank = (context: Parameters<InferRule>[0]): number => {
	const [indices, , shape] = context.inputs;
	const rank = sparseRank(indices, shape);
	if (boolAttr(context.node, "keep_dims")) return rank;
	const axes = knownElements(context, 3);
	if (rank < 0 || axes === undefined) return -1;
	return rank - new Set(axes.map((axis) => normalizeAxis(axis, rank))).size;
};

const reduced: InferRule = (context) => [
	{ dtype: context.inputs[1].dtype, shape: anySizes(reducedRank(context)) },
];

const reducedSparse: InferRule = (context) =>
	sparseTypes(context.inputs[1].dtype, reducedRank(context));

/** Ops that compute with the values of sparse tensors. */
export const sparseArithmeticOps = {
	SparseAdd: primitive(merged),
	SparseSparseMaximum: primitive((context) => merged(context).slice(0, 2)),
	SparseSparseMinimum: primitive((context) => merged(context).slice(0, 2)),
	SparseDenseCwiseAdd: primitive(valuesAlone),
	SparseDenseCwiseMul: primitive(valuesAlone),
	SparseDenseCwiseDiv: primitive(valuesAlone),
	SparseSoftmax: primitive(valuesAlone),
	SparseTensorDenseAdd: primitive(({ inputs: [, , , dense] }) => [dense]),
	SparseTensorDenseMatMul: primitive(({ node, inputs }) => {
		const [, , shape, dense] = inputs;
		const adjointA = boolAttr(node, "adjoint_a");
		const adjointB = boolAttr(node, "adjoint_b");
		return [
			{
				dtype: dense.dtype,
				shape: [
					shape.elements?.[Number(adjointA)] ?? -1,
					dense.shape?.[Number(!adjointB)] ?? -1,
				],
			},
		];
	}),
	SparseReduceSum: primitive(reduced),
	SparseReduceMax: primitive(reduced),
	SparseReduceSumSparse: primitive(reducedSparse),
	SparseReduceMaxSparse: primitive(reducedSparse),
} as const satisfies Record<string, OpEntry>;
