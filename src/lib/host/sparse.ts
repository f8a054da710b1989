import { fail } from "../errors.js";
import type { sparseOps } from "../ops/sparse.js";
import type { BinaryRule } from "./elementwise.js";
import type { HostFamily } from "./kernel.js";
import {
	sparseConcat,
	sparseFillEmptyRows,
	sparseReorder,
	sparseReshape,
	sparseSlice,
	sparseSplit,
} from "./sparse/arrangement.js";
import {
	denseCount,
	raggedBincount,
	raggedCount,
	sparseBincount,
	sparseCount,
} from "./sparse/count.js";
import {
	raggedCross,
	sparseCross,
	sparseCrossHashed,
	sparseCrossV2,
} from "./sparse/cross.js";
import {
	sparseTensorDenseAdd,
	sparseTensorDenseMatMul,
	withDense,
} from "./sparse/dense.js";
import { editDistance } from "./sparse/edit-distance.js";
import { sparseAdd, sparseExtreme } from "./sparse/merge.js";
import {
	sparseReduce,
	sparseReduceSparse,
	sparseSoftmax,
} from "./sparse/reduction.js";
import {
	denseToDenseSetOperation,
	denseToSparseSetOperation,
	setSize,
	sparseToSparseSetOperation,
} from "./sparse/sets.js";

const sum: Required<Omit<BinaryRule, "narrow">> = {
	float: (a, b) => a + b,
	int: (a, b) => a + b,
	bigint: (a, b) => a + b,
};

const product: Required<Omit<BinaryRule, "narrow">> = {
	float: (a, b) => a * b,
	int: Math.imul,
	bigint: (a, b) => a * b,
};

const quotient: Required<Omit<BinaryRule, "narrow">> = {
	float: (a, b) => a / b,
	int: (a, b) => Math.trunc(a / divisor(b)),
	bigint: (a, b) => a / divisor(b),
};

function divisor<T extends number | bigint>(value: T): T {
	if (Number(value) === 0)
		throw fail("INVALID", "cannot divide an integer by 0");
	return value;
}

export const sparseKernels: HostFamily<typeof sparseOps> = {
	SparseReorder: sparseReorder,
	SparseReshape: sparseReshape,
	SparseFillEmptyRows: sparseFillEmptyRows,
	SparseConcat: sparseConcat,
	SparseSplit: sparseSplit,
	SparseSlice: sparseSlice,
	SparseAdd: sparseAdd,
	SparseSparseMaximum: sparseExtreme((a, b) => a >= b),
	SparseSparseMinimum: sparseExtreme((a, b) => a <= b),
	SparseDenseCwiseAdd: withDense(sum),
	SparseDenseCwiseMul: withDense(product),
	SparseDenseCwiseDiv: withDense(quotient),
	SparseSoftmax: sparseSoftmax,
	SparseTensorDenseAdd: sparseTensorDenseAdd,
	SparseTensorDenseMatMul: sparseTensorDenseMatMul,
	SparseReduceSum: sparseReduce("Sum"),
	SparseReduceMax: sparseReduce("Max"),
	SparseReduceSumSparse: sparseReduceSparse("Sum"),
	SparseReduceMaxSparse: sparseReduceSparse("Max"),
	DenseToDenseSetOperation: denseToDenseSetOperation,
	DenseToSparseSetOperation: denseToSparseSetOperation,
	SparseToSparseSetOperation: sparseToSparseSetOperation,
	SetSize: setSize,
	EditDistance: editDistance,
	DenseCountSparseOutput: denseCount,
	SparseCountSparseOutput: sparseCount,
	RaggedCountSparseOutput: raggedCount,
	SparseBincount: sparseBincount,
	RaggedBincount: raggedBincount,
	SparseCross: sparseCross,
	SparseCrossV2: sparseCrossV2,
	SparseCrossHashed: sparseCrossHashed,
	RaggedCross: raggedCross,
};
