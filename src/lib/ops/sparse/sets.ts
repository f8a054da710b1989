import { type InferRule, type OpEntry, primitive } from "../define.js";
import { anySizes, sparseRank, sparseTypes } from "./parts.js";

const ofDense: InferRule = ({ inputs: [set] }) =>
	sparseTypes(set.dtype, set.shape?.length ?? -1);

const ofSparse: InferRule = ({ inputs: [indices, values, shape] }) =>
	sparseTypes(values.dtype, sparseRank(indices, shape));

/** Ops that see the last axis of a tensor as sets, or as sequences. */
export const setOps = {
	DenseToDenseSetOperation: primitive(ofDense),
	DenseToSparseSetOperation: primitive(ofDense),
	SparseToSparseSetOperation: primitive(ofSparse),
	SetSize: primitive(({ inputs: [indices, , shape] }) => {
		const rank = sparseRank(indices, shape);
		return [{ dtype: "int32", shape: anySizes(rank < 0 ? rank : rank - 1) }];
	}),
	EditDistance: primitive(({ inputs: [indices, , shape] }) => {
		const rank = sparseRank(indices, shape);
		return [{ dtype: "float32", shape: anySizes(rank < 0 ? rank : rank - 1) }];
	}),
} as const satisfies Record<string, OpEntry>;
