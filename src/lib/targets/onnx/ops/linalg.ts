import { boolAttr } from "../../../graph/attrs.js";
import type { decompositionOps } from "../../../ops/linalg/decomposition.js";
import type { linalgOps } from "../../../ops/linalg.js";
import { transposedConstant } from "../../../tensor/constant.js";
import type { DType } from "../../../tensor/dtype.js";
import { kernelType, storageType } from "../kernels.js";
import {
	type LowerContext,
	type LoweringTable,
	type OnnxValue,
	unsupported,
} from "../lowering.js";
import { batchedProduct } from "./linalg/batched-product.js";
import { einsum } from "./linalg/einsum.js";
import { applyFusedSteps, fusedSteps } from "./nn/fused.js";

const noKernel = unsupported("ONNX takes no matrices apart");

const decompositions: LoweringTable<typeof decompositionOps> = {
	LogMatrixDeterminant: noKernel,
	MatrixInverse: noKernel,
	MatrixSolve: noKernel,
	MatrixSolveLs: noKernel,
	MatrixTriangularSolve: noKernel,
	BandedTriangularSolve: noKernel,
	TridiagonalSolve: noKernel,
	TridiagonalMatMul: noKernel,
	Cholesky: noKernel,
	Lu: noKernel,
	Qr: noKernel,
	SelfAdjointEigV2: noKernel,
	Svd: noKernel,
	Eig: noKernel,
	MatrixSquareRoot: noKernel,
	MatrixLogarithm: noKernel,
};

export const linalgLowerings: LoweringTable<typeof linalgOps> = {
	MatMul: (context) => matMul(context),
	_FusedMatMul: fusedMatMul,
	BatchMatMul: batchMatMul,
	BatchMatMulV2: batchMatMul,
	BatchMatMulV3: batchMatMul,
	Einsum: einsum,
	...decompositions,
	MatrixDeterminant: ({ emit, input }) => emit("Det", [input(0)]),
};

/** A product of two matrices, each perhaps transposed, and a vector added to each row. */
function matMul(context: LowerContext, bias?: OnnxValue): OnnxValue {
	const { node, emit } = context;
	const a = matrix(context, 0, boolAttr(node, "transpose_a"));
	const b = matrix(context, 1, boolAttr(node, "transpose_b"));
	const inGemm =
		kernelType("Gemm", a.value.dtype) === a.value.dtype &&
		(bias !== undefined || a.swap || b.swap);
	if (inGemm)
		return emit(
			"Gemm",
			[a.value, b.value, ...(bias === undefined ? [] : [bias])],
			{
				transA: Number(a.swap),
				transB: Number(b.swap),
			},
		);
	const product = emit("MatMul", [swapped(context, a), swapped(context, b)]);
	return bias === undefined ? product : emit("Add", [product, bias]);
}

function fusedMatMul(context: LowerContext): OnnxValue {
	const steps = fusedSteps(context);
	const product = matMul(context, steps.bias);
	return applyFusedSteps(context, product, steps, (index) =>
		context.input(index),
	);
}

function batchMatMul(context: LowerContext): OnnxValue {
	const { node, inputs, cast, outputs } = context;
	const type: DType = storageType(outputs[0].dtype) ?? outputs[0].dtype;
	const [a, b] = ["adj_x", "adj_y"].map((attr, index) => {
		const transposes = boolAttr(node, attr);
		const { value, swap, rank } = matrix(context, index, transposes);
		const { shape } = inputs[index];
		return {
			value: swapped(context, { value: cast(value, type), swap, rank }),
			shape:
				transposes && shape !== undefined
					? swappedOrder(shape.length).map((axis) => shape[axis])
					: shape,
		};
	});
	return batchedProduct(context, a, b);
}

interface Matrix {
	readonly value: OnnxValue;
	/** Whether the last two axes are still to be swapped. */
	readonly swap: boolean;
	readonly rank: number | undefined;
}

/** An operand; a constant that is to be transposed is transposed now. */
function matrix(context: LowerContext, index: number, swap: boolean): Matrix {
	const rank = context.inputs[index].shape?.length;
	const constant = swap
		? context.derived(index, "matrix transpose", (constant) =>
				transposedConstant(constant, swappedOrder(constant.shape.length)),
			)
		: undefined;
	return constant === undefined
		? { value: context.input(index), swap, rank }
		: { value: constant, swap: false, rank };
}

function swapped(
	{ emit }: LowerContext,
	{ value, swap, rank }: Matrix,
): OnnxValue {
	if (!swap) return value;
	// einsum swaps the last two axes whatever the rank
	if (rank === undefined)
		return emit("Einsum", [value], { equation: "...ij->...ji" });
	return emit("Transpose", [value], { perm: swappedOrder(rank) });
}

function swappedOrder(rank: number): number[] {
	const axes = Array.from({ length: rank }, (_, axis) => axis);
	return [...axes.slice(0, -2), rank - 1, rank - 2];
}
