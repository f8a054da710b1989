import { boolAttr, stringsAttr } from "../../../graph/attrs.js";
import type { ValueType } from "../../../ops/define.js";
import type { linalgOps } from "../../../ops/linalg.js";
import { isStatic } from "../../../ops/shapes.js";
import { transposedConstant } from "../../../tensor/constant.js";
import { DTYPES, type DType } from "../../../tensor/dtype.js";
import { arithmetic } from "../arithmetic.js";
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
	const { node, inputs } = context;
	requireReal(inputs[0]);
	if (isEmpty(inputs)) return zeros(context);
	return isWhole(inputs[0].dtype)
		? wholeProduct(context, {
				adjX: boolAttr(node, "transpose_a"),
				adjY: boolAttr(node, "transpose_b"),
			})
		: multiplied(context);
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
	if (isEmpty(inputs)) return zeros(context);
	const [adjX, adjY] = [boolAttr(node, "adj_x"), boolAttr(node, "adj_y")];
	if (isWhole(outputs[0].dtype)) return wholeProduct(context, { adjX, adjY });
	if (inputs.some(({ dtype }) => dtype !== outputs[0].dtype))
		throw unfit("TensorFlow Lite multiplies matrices in one type");
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
function isEmpty(inputs: readonly ValueType[]): boolean {
	return inputs.some(({ shape }) => shape?.includes(0) === true);
}

/** The sum of no products. */
function zeros({ emit, ints, scalar, outputs }: LiteContext): LiteValue {
	const { shape, dtype } = outputs[0];
	if (!isStatic(shape))
		throw unfit("TensorFlow Lite multiplies no matrices without elements");
	return emit("FILL", [ints(shape), scalar(dtype, 0)], outputs[0]);
}

/** Matrices of floats alone have kernels that are exact. */
function isWhole(dtype: DType): boolean {
	return DTYPES[dtype].kind === "int" || DTYPES[dtype].kind === "bigint";
}

/** Every row with every column: their products, and the sums of these. */
function wholeProduct(
	context: LiteContext,
	{ adjX, adjY }: { readonly adjX: boolean; readonly adjY: boolean },
): LiteValue {
	const { input, outputs, emit, ints, cast } = context;
	const { dtype, shape } = outputs[0];
	const wide = DTYPES[dtype].bytes < 4 ? "int32" : dtype;
	const [x, y] = [adjX, adjY].map((isTurned, i) => {
		const value = cast(input(i), wide);
		if (value.shape === undefined)
			throw unfit("TensorFlow Lite must know how many axes there are");
		return isTurned ? turnedMatrix(context, value) : value;
	});
	const spread = (value: LiteValue, axis: number) =>
		emit("EXPAND_DIMS", [value, ints([axis])], {
			dtype: wide,
			shape: value.shape?.toSpliced(value.shape.length + axis + 1, 0, 1),
		});
	const products = arithmetic(context).mul(spread(x, -1), spread(y, -3));
	const sums = emit("SUM", [products, ints([-2])], { dtype: wide, shape }, [
		"ReducerOptions",
		{ keepDims: false },
	]);
	return cast(sums, dtype);
}

function turnedMatrix(context: LiteContext, value: LiteValue): LiteValue {
	const axes = (value.shape ?? []).map((_, i) => i);
	return transposed(context, value, [
		...axes.slice(0, -2),
		axes.length - 1,
		axes.length - 2,
	]);
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
