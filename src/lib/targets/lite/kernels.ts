import type { LiteOp } from "../../lite/schema.js";
import type { DType } from "../../tensor/dtype.js";

/**
 * The element types that kernels of TensorFlow Lite compute with, a group of ops a row: those of TensorFlow 2.14 and later, as far as
 * the bytes mean plain numbers (arithmetic on int8, uint8 and int16 is for quantized values). Ops that are not listed take
 * every type.
 */
const KERNELS: readonly (readonly [types: string, ops: string])[] = [
	[
		"float32",
		"AVERAGE_POOL_2D BATCH_MATMUL CEIL CONV_2D CONV_3D CONV_3D_TRANSPOSE COS DEPTHWISE_CONV_2D ELU EXP FLOOR FULLY_CONNECTED GELU HARD_SWISH L2_NORMALIZATION LEAKY_RELU LOCAL_RESPONSE_NORMALIZATION LOG LOGISTIC LOG_SOFTMAX MAX_POOL_2D NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 PRELU RELU RELU6 RELU_N1_TO_1 RESIZE_BILINEAR RFFT2D ROUND RSQRT SIN SOFTMAX SQRT SQUARE TANH TRANSPOSE_CONV UNIDIRECTIONAL_SEQUENCE_LSTM",
	],
	["float32 float64", "ATAN2"],
	["float32 float64 int32", "SIGN"],
	[
		"float32 int32",
		"ABS ADD_N DIV FLOOR_DIV POW SEGMENT_SUM SQUARED_DIFFERENCE",
	],
	[
		"float32 int32",
		"UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_MIN UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_SUM",
	],
	[
		"float32 int32 int64",
		"ADD CUMSUM FLOOR_MOD MEAN MUL NEG RANGE REDUCE_PROD SUB SUM ZEROS_LIKE",
	],
	["float32 int32 int64 bool string", "NOT_EQUAL EQUAL"],
	["float32 int32 int64", "GREATER GREATER_EQUAL LESS LESS_EQUAL"],
	[
		"float32 int32 int64 uint8 int8 int16",
		"MAXIMUM MINIMUM REDUCE_MAX REDUCE_MIN",
	],
	["float32 int32 uint8 int8 bool", "ARG_MAX ARG_MIN"],
	["float32 int32 int64 uint8 int8", "TOPK_V2"],
	["float32 int32 int64 uint8 int8 int16 string bool", "GATHER"],
	["float32 int32 int64 uint8 int8 int16 string", "GATHER_ND"],
	["float32 int32 int64 uint8 int8", "SCATTER_ND"],
	[
		"float32 int32 int64 uint8 int8 int16",
		"CONCATENATION PACK PAD PADV2 MIRROR_PAD SPLIT",
	],
	[
		"float32 int32 int64 uint8 int8 int16",
		"SPLIT_V BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND",
	],
	["float32 int32 int64 uint8 int8", "DEPTH_TO_SPACE SPACE_TO_DEPTH"],
	[
		"float32 int32 int64 uint8 int8 int16 bool",
		"UNPACK ONE_HOT REVERSE_V2 SELECT SELECT_V2",
	],
	["float32 int32 int64 uint8 int8 int16 bool", "TRANSPOSE"],
	[
		"float32 int32 int64 uint8 int8 int16 bool string",
		"SLICE STRIDED_SLICE FILL",
	],
	["float32 int32 int64 uint8 int16", "REVERSE_SEQUENCE"],
	["float32 int32 int64 uint8 int8 int16", "MATRIX_DIAG MATRIX_SET_DIAG"],
	["float32 int32 int64 bool", "BROADCAST_TO WHERE"],
	["float32 uint8 int8 int16", "RESIZE_NEAREST_NEIGHBOR"],
	["float32 int32 int64 int8", "UNIQUE"],
	["float32 int32 int64 uint8 int8 bool string", "TILE"],
	["bool", "LOGICAL_AND LOGICAL_NOT LOGICAL_OR REDUCE_ALL REDUCE_ANY"],
	["int8 uint8 int16 uint16 int32 uint32", "BITWISE_XOR RIGHT_SHIFT"],
	["float32 int32 int64 bool int8", "DYNAMIC_UPDATE_SLICE"],
];

/** In which type to compute instead, the first that the op has. */
const STAND_INS: Readonly<Partial<Record<DType, readonly DType[]>>> = {
	bool: ["uint8", "int32"],
	uint8: ["int32", "float32"],
	int8: ["int32", "float32"],
	int16: ["int32", "float32"],
	uint16: ["int32", "float32"],
	uint32: ["int64"],
	// the same bits
	uint64: ["int64"],
	float16: ["float32"],
	bfloat16: ["float32"],
	float64: ["float32"],
};

/** Which input's type decides about the kernel, where it is not the first. */
const DATA_INPUTS: Readonly<Partial<Record<LiteOp, number>>> = {
	FILL: 1,
	ONE_HOT: 2,
	SCATTER_ND: 1,
	SELECT: 1,
	SELECT_V2: 1,
	SPLIT: 1,
	TRANSPOSE_CONV: 2,
	CONV_3D_TRANSPOSE: 2,
};

/** The input whose type decides which kernel runs. */
export function dataInput(op: LiteOp): number {
	return DATA_INPUTS[op] ?? 0;
}

/** Operators of int64 that take its first bit for a sign. */
const SIGNED: ReadonlySet<LiteOp> = new Set(["FLOOR_MOD", "MEAN", "RANGE"]);

/** The type to compute `op` in for values of `dtype`; `undefined` where there is none. */
export function kernelType(op: LiteOp, dtype: DType): DType | undefined {
	const types = TYPES.get(op);
	if (types === undefined || types.has(dtype)) return dtype;
	if (dtype === "uint64" && SIGNED.has(op)) return undefined;
	return STAND_INS[dtype]?.find((type) => types.has(type));
}

const TYPES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
	KERNELS.flatMap(([types, ops]) =>
		ops.split(" ").map((op) => [op, new Set(types.split(" "))] as const),
	),
);
