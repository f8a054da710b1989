import { DTYPES, type DType } from "../../tensor/dtype.js";

/**
 * The element types for which ONNX Runtime 1.30 has a CPU kernel, a group of ops a row; found by creating a session for
 * each pair of op and type, with the same answer from onnxruntime-node and onnxruntime-web. Ops that are not listed take
 * every type. float16 does not count where ONNX Runtime casts to float32 and back by itself: it leaves out the casts between
 * two such ops, and values keep digits that TensorFlow rounds away after each.
 */
const KERNELS: readonly (readonly [types: string, ops: string])[] = [
	[
		"float32 float64 int32 uint8 int16 int8 int64 bool uint16 float16 uint32 uint64",
		"ConstantOfShape",
	],
	[
		"float32 float64 int32 uint8 int16 int8 int64 uint16 uint32 uint64",
		"Abs Add Div Greater GreaterOrEqual Less LessOrEqual Mod Mul Sign Sub",
	],
	["float32 float64 int32 uint8 int8 int64 bool uint32 uint64", "Pad"],
	["float32 float64 int32 uint8 int8 int64 uint32 uint64", "Clip Max Min"],
	[
		"int32 uint8 int16 int8 int64 uint16 uint32 uint64",
		"BitwiseAnd BitwiseNot BitwiseOr BitwiseXor",
	],
	["float32 float64 int32 uint8 int8 int64 bool", "ReduceMax ReduceMin"],
	["float32 float64 int32 uint8 int16 int8 int64", "TopK"],
	["float32 float64 int32 int16 int8 int64", "Neg"],
	["float32 float64 int32 int64 uint32 uint64", "MatMul"],
	["float32 float64 int32 uint8 string int64", "Where"],
	["float32 float64 int32 uint8 int8 int64", "ArgMax ArgMin"],
	["float32 int32 uint8 int64 bool", "NonZero"],
	["float32 float64 int8 string int64", "Unique"],
	["float32 float64 int32 int64 bool", "Trilu"],
	["float32 float64 int32 int64 uint64", "EyeLike"],
	["float32 float64 int32 int8", "Relu"],
	[
		"float32 float64 int32 int64",
		"CumSum Einsum Pow ReduceL1 ReduceL2 ReduceLogSumExp ReduceMean ReduceProd ReduceSum ReduceSumSquare",
	],
	["float32 float64 uint8 int8", "DepthToSpace MaxPool SpaceToDepth"],
	["float32 float64 int32 int16 int64", "Range"],
	["float32 int32 uint8 int8", "Resize"],
	["float32 string int64", "OneHot"],
	[
		"float32 float64",
		"BatchNormalization Ceil Cos Exp Floor Gemm GridSample IsInf IsNaN LayerNormalization Log LogSoftmax Reciprocal Round Sigmoid Sin Softmax Sqrt Sum Tanh",
	],
	["uint8 uint32 uint64", "BitShift"],
	[
		"float32",
		"Acos Acosh Asin Asinh Atan Atanh AveragePool Conv ConvTranspose Cosh Det Elu Erf Gelu GlobalAveragePool HardSigmoid HardSwish LRN LeakyRelu Mean Mish PRelu Selu Sinh Softplus Softsign Tan ThresholdedRelu",
	],
	["float32", "Celu NonMaxSuppression"],
	["bool", "And Not Or Xor"],
];

/** In which type to compute instead, the first that the op has; each holds all values of the type it stands in for. */
const STAND_INS: Readonly<Partial<Record<DType, readonly DType[]>>> = {
	bool: ["uint8", "int32", "int64", "float32"],
	uint8: ["int32", "int64", "float32"],
	int8: ["int32", "int64", "float32"],
	int16: ["int32", "int64", "float32"],
	uint16: ["int32", "int64", "float32"],
	int32: ["int64", "float64"],
	uint32: ["int64", "float64"],
	// the same bits: sums, products and choices come out right, order does not (those ops have uint64 kernels)
	uint64: ["int64"],
	// single precision where ONNX Runtime has no double kernel
	float64: ["float32"],
	float16: ["float32"],
};

const TYPES_OF_OP: ReadonlyMap<string, ReadonlySet<string>> = new Map(
	KERNELS.flatMap(([types, ops]) => {
		const set = new Set(types.split(" "));
		return ops.split(" ").map((op) => [op, set] as const);
	}),
);

/** The type in which to compute `op` on `dtype`: itself if there is a kernel, a stand-in, or `undefined` if none is exact. */
export function kernelType(op: string, dtype: DType): DType | undefined {
	const types = TYPES_OF_OP.get(op);
	if (types === undefined || types.has(dtype)) return dtype;
	return STAND_INS[dtype]?.find((standIn) => types.has(standIn));
}

/** Which input is the first whose element type chooses the kernel: the condition of Where is always bool. */
export function firstTypedInput(op: string): number {
	return FIRST_TYPED_INPUT[op] ?? 0;
}

const FIRST_TYPED_INPUT: Readonly<Record<string, number | undefined>> = {
	Where: 1,
};

/** The type in which ONNX values of a TensorFlow type are held; `undefined` for complex numbers, handles and quantized types. */
export function storageType(dtype: DType): DType | undefined {
	if (dtype === "bfloat16") return "float32";
	const { onnx, kind } = DTYPES[dtype];
	return onnx === 0 || kind === "complex" ? undefined : dtype;
}
