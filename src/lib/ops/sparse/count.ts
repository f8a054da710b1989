import type { Shape } from "../../tensor/tensor.js";
import { type OpEntry, primitive } from "../define.js";
import { elementsOf } from "../shapes.js";
import { anySizes, sparseRank, sparseTypes } from "./parts.js";

/** Ops that say how often each number occurs in each row. */
export const sparseCountOps = {
	DenseCountSparseOutput: primitive(({ inputs: [values, weights] }) =>
		sparseTypes(weights.dtype, values.shape?.length ?? -1),
	),
	SparseCountSparseOutput: primitive(
		({ inputs: [indices, , shape, weights] }) =>
			sparseTypes(weights.dtype, sparseRank(indices, shape)),
	),
	RaggedCountSparseOutput: primitive(({ inputs: [, , weights] }) =>
		sparseTypes(weights.dtype, 2),
	),
	SparseBincount: primitive((context) => {
		const [indices, , shape, , weights] = context.inputs;
		const size = elementsOf(context, 3)?.[0] ?? -1;
		const rank = sparseRank(indices, shape);
		const sizes: Shape = anySizes(rank)?.with(-1, size);
		return [{ dtype: weights.dtype, shape: sizes }];
	}),
	RaggedBincount: primitive((context) => {
		const [splits, , , weights] = context.inputs;
		const rows = splits.shape?.[0] ?? -1;
		const size = elementsOf(context, 2)?.[0] ?? -1;
		return [{ dtype: weights.dtype, shape: [rows < 0 ? -1 : rows - 1, size] }];
	}),
} as const satisfies Record<string, OpEntry>;
