import { boolAttr, stringsAttr } from "../../../graph/attrs.js";
import type { ValueType } from "../../../ops/define.js";
import type { linalgOps } from "../../../ops/linalg.js";
import { isStatic } from "../../../ops/shapes.js";
import { transposedConstant } from "../../../tensor/constant.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
	unsupported,
} from "../lowering.js";
import { activated } from "./activation.js";
import { einsum } from "./linalg/einsum.js";
import { transposed } from "./rows.js";

/** Weights of FULLY_CONNECTED are [out, in]. */
function fullyConnected(
	context: LiteContext,
	isTransposed: boolean,
	from: LiteValue,
	keepNumDims: boolean,
	bias?: LiteValue,
): LiteValue {
	const { emit, outputs, input } = context;
	const weights = isTransposed
		? input(1)
		: (context.derived(1, "transposed", (constant) =>
				transposedConstant(constant, [1, 0]),
			) ?? transposed(context, input(1), [1, 0]));
	// the third input may be left out since version 6 alone
	const operands = bias === undefined ? [from, weights] : [from, weights, bias];
	return emit(
		"FULLY_CONNECTED",
		operands,
		{ dtype: from.dtype, shape: outputs[0].shape },
		["FullyConnectedOptions", { keepNumDims }],
	);
}

const product: LiteLowering = (context) => {
	requireReal(context.inputs[0]);
	requireElements(context.inputs);
	return multiplied(context);
};

function multiplied(context: LiteContext, bias?: LiteValue): LiteValue {
	const { node, input } = context;
	const from = boolAttr(node, "transpose_a")
		? transposed(context, input(0), [1, 0])
		: input(0);
	return fullyConnected(
		context,
		boolAttr(node, "transpose_b"),
		from,
		false,
		bias,
	);
}

const fused: LiteLowering = (context) => {
	const [first, ...rest] = stringsAttr(context.node, "fused_ops");
	const hasBias = first === "BiasAdd";
	const made = multiplied(context, hasBias ? context.input(2) : undefined);
	const steps = hasBias || first === undefined ? rest : [first, ...rest];
	return activated(context, made, steps, hasBias ? 3 : 2);
};

/** A constant matrix multiplies all rows at once. */
const batch: LiteLowering = (context) => {
	const { node, inputs, outputs, input, emit, types } = context;
	requireReal(inputs[0]);
	requireElements(inputs);
	if (outputs[0].dtype !== inputs[0].dtype)
		throw unfit("TensorFlow Lite multiplies matrices in one type");
	const [adjX, adjY] = [boolAttr(node, "adj_x"), boolAttr(node, "adj_y")];
	const isLayer =
		!adjX &&
		inputs[1].shape?.length === 2 &&
		(inputs[0].shape?.length ?? 0) > 1 &&
		isStatic(inputs[1].shape) &&
		types.constantOf(node.inputs[1]) !== undefined;
	if (isLayer) return fullyConnected(context, adjY, input(0), true);
	const ranks = inputs.map(({ shape }) => shape?.length ?? 0);
	if (Math.max(...ranks) > BATCHED_AXES)
		throw unfit(
			`TensorFlow Lite multiplies tensors of ${BATCHED_AXES} axes at most`,
		);
	return emit("BATCH_MATMUL", [input(0), input(1)], outputs[0], [
		"BatchMatMulOptions",
		{ adjX, adjY },
	]);
};

const BATCHED_AXES = 5;

/** Kernels divide by sizes. */
function requireElements(inputs: readonly ValueType[]): void {
	if (inputs.some(({ shape }) => shape?.includes(0) === true))
		throw unfit("TensorFlow Lite multiplies no matrices without elements");
}

function requireReal({ dtype }: ValueType): void {
	if (dtype === "complex64" || dtype === "complex128")
		throw unfit("TensorFlow Lite multiplies no complex matrices");
}

const decomposition = unsupported("TensorFlow Lite decomposes no matrices");

export const linalgRows: LiteTable<typeof linalgOps> = {
	MatMul: product,
	_FusedMatMul: fused,
	BatchMatMul: batch,
	BatchMatMulV2: batch,
	BatchMatMulV3: batch,
	Einsum: einsum,
	MatrixDeterminant: decomposition,
	LogMatrixDeterminant: decomposition,
	MatrixInverse: decomposition,
	MatrixSolve: decomposition,
	MatrixSolveLs: decomposition,
	MatrixTriangularSolve: decomposition,
	BandedTriangularSolve: decomposition,
	TridiagonalSolve: decomposition,
	TridiagonalMatMul: decomposition,
	Cholesky: decomposition,
	Lu: decomposition,
	Qr: decomposition,
	SelfAdjointEigV2: decomposition,
	Eig: decomposition,
	MatrixSquareRoot: decomposition,
	MatrixLogarithm: decomposition,
	Svd: decomposition,
};
