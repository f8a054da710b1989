import type { LiteOp } from "../../../lite/schema.js";

/** What an operator asks of the numbers that it takes and gives. */
export interface IntegerKernel {
	/** Its results have the scale of its operands, or one of their own; that of a function is known. */
	readonly scales: "same" | "own" | "fixed";
	/** Which input holds weights, which one what is multiplied with them, and which the bias. */
	readonly weights?: {
		readonly input: number;
		readonly data: number;
		readonly bias: number;
		/** Of the channels, where they have a scale each. */
		readonly axis?: number;
	};
	/** Whether it has a kernel for int16 as well. */
	readonly int16: boolean;
}

/** Operators with kernels for quantized integers (LiteRT, kernels/ and converter/ir/tfl_ops.td). */
export function integerKernel(op: LiteOp): IntegerKernel | undefined {
	return KERNELS.get(op);
}

/** Operators that look at the sizes of a tensor alone: it is the same to them what is in it. */
export const SIZES: ReadonlySet<LiteOp> = new Set(["SHAPE", "RANK"]);

const SAME: readonly (readonly [ops: string, int16: boolean])[] = [
	[
		"AVERAGE_POOL_2D MAX_POOL_2D RESHAPE TRANSPOSE SQUEEZE EXPAND_DIMS CONCATENATION PACK UNPACK PAD GATHER SLICE STRIDED_SLICE SPLIT MAXIMUM MINIMUM RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REDUCE_MAX REDUCE_MIN MIRROR_PAD",
		true,
	],
	[
		"SPLIT_V TILE BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND DEPTH_TO_SPACE SPACE_TO_DEPTH",
		false,
	],
];

const OWN: readonly (readonly [ops: string, int16: boolean])[] = [
	["ADD SUB MUL MEAN RELU RELU6 LEAKY_RELU BATCH_MATMUL", true],
	["HARD_SWISH ELU SQUARED_DIFFERENCE", false],
];

const FIXED: readonly (readonly [ops: string, int16: boolean])[] = [
	["LOGISTIC SOFTMAX TANH", true],
	["L2_NORMALIZATION LOG_SOFTMAX", false],
];

const listed = (
	rows: readonly (readonly [ops: string, int16: boolean])[],
	scales: IntegerKernel["scales"],
) =>
	rows.flatMap(([ops, int16]) =>
		ops
			.split(" ")
			.map((op): [string, IntegerKernel] => [op, { scales, int16 }]),
	);

const products: readonly [string, IntegerKernel][] = [
	["CONV_2D", product({ input: 1, data: 0, bias: 2, axis: 0 })],
	["DEPTHWISE_CONV_2D", product({ input: 1, data: 0, bias: 2, axis: 3 })],
	["TRANSPOSE_CONV", product({ input: 1, data: 2, bias: 3, axis: 0 })],
	// one scale for each row is known to later runtimes only
	["FULLY_CONNECTED", product({ input: 1, data: 0, bias: 2 })],
];

function product(
	weights: NonNullable<IntegerKernel["weights"]>,
): IntegerKernel {
	return { scales: "own", weights, int16: true };
}

const KERNELS: ReadonlyMap<string, IntegerKernel> = new Map([
	...products,
	...listed(SAME, "same"),
	...listed(OWN, "own"),
	...listed(FIXED, "fixed"),
]);
