import type { LiteOp } from "../../lite/schema.js";
import type { DType } from "../../tensor/dtype.js";
import type { LiteOperator, LiteTensor } from "./graph.js";

/** An operator with what its version depends on. */
interface Signature {
	readonly inputs: readonly (LiteTensor | undefined)[];
	readonly outputs: readonly LiteTensor[];
	readonly options: Readonly<Record<string, unknown>>;
}

type Rule = (signature: Signature) => number;

/** The lowest version of an operator that does what is asked of it (LiteRT, tools/versioning/op_version.cc). */
export function operatorVersion(
	{ op, inputs, outputs, options }: LiteOperator,
	tensors: readonly LiteTensor[],
): number {
	return (
		RULES[op]?.({
			inputs: inputs.map((index) => tensors[index]),
			outputs: outputs.map((index) => tensors[index]),
			options: options?.fields ?? {},
		}) ?? 1
	);
}

/** The first release of TensorFlow that has a version of an operator; `undefined` where upstream names none. */
export function firstRuntime(op: LiteOp, version: number): string | undefined {
	const found = RUNTIMES.get(op)?.[version - 1];
	return found === "-" ? undefined : found;
}

/** The later one of two releases, `2.3.0`. */
export function laterRuntime(a: string, b: string): string {
	const [x, y] = [a, b].map((text) => text.split(".").map(Number));
	const place = y.findIndex((part, i) => part !== (x[i] ?? 0));
	return place >= 0 && y[place] > (x[place] ?? 0) ? b : a;
}

type Versions = Readonly<Partial<Record<DType, number>>>;

/** The version that the element type of an input asks for; 1 for others. */
function byType(versions: Versions, index = 0, otherwise = 1): Rule {
	return ({ inputs }) => versions[typeAt(inputs, index)] ?? otherwise;
}

function typeAt(
	tensors: readonly (LiteTensor | undefined)[],
	index: number,
): DType {
	return tensors[index]?.dtype ?? "float32";
}

function rankOf(tensor: LiteTensor | undefined): number {
	return tensor?.shape?.length ?? 0;
}

function highest(...rules: readonly Rule[]): Rule {
	return (signature) => Math.max(...rules.map((rule) => rule(signature)));
}

/** Broadcasting beyond four axes came later. */
function beyondFour(version: number): Rule {
	return ({ inputs: [a, b] }) =>
		String(a?.shape) !== String(b?.shape) && Math.max(rankOf(a), rankOf(b)) > 4
			? version
			: 1;
}

function byRank(limit: number, version: number): Rule {
	return ({ inputs: [input] }) => (rankOf(input) > limit ? version : 1);
}

/** Floats times int8 weights: the numbers of versions with one scale, and with one a channel. */
function hybrid(single: number, perChannel: number): Rule {
	return ({ inputs: [input, weights] }) => {
		if (input?.dtype !== "float32" || weights?.dtype !== "int8") return 1;
		const scales = weights.quantization?.scale.length ?? 1;
		return scales > 1 ? perChannel : single;
	};
}

/** Int16 numbers that are no quantized ones. */
function plainInt16(version: number): Rule {
	return ({ inputs: [input] }) =>
		input?.dtype === "int16" && input.quantization === undefined ? version : 1;
}

const int8 = { int8: 2 } as const;
const quantized = { int8: 2, int16: 3 } as const;

const fullyConnected: Rule = (signature) => {
	const { inputs, options } = signature;
	const [input, weights] = inputs;
	if (input?.dtype === "float32" && weights?.dtype === "int8") {
		if ((weights.quantization?.scale.length ?? 1) > 1) return 12;
		if (options.keepNumDims === true && inputs[2] === undefined) return 9;
		return options.asymmetricQuantizeInputs === true ? 9 : 3;
	}
	if (input?.dtype === "int16") return 7;
	if (inputs.length === 2) return 6;
	if (options.keepNumDims === true) return 5;
	return input?.dtype === "int8" ? 4 : 1;
};

/** Multiplying with a factor of 1 or more behind it came third. */
const rescaledProduct: Rule = ({ inputs: [a, b], outputs: [product] }) => {
	const [x, y, z] = [a, b, product].map(
		(tensor) => tensor?.quantization?.scale[0] ?? 0,
	);
	return z !== 0 && x !== 0 && y !== 0 && (x * y) / z >= 1 ? 3 : 1;
};

const RULES: { readonly [Op in LiteOp]?: Rule } = {
	CONV_2D: highest(
		byType({ int8: 3, int16: 4 }),
		hybrid(2, 5),
		({ inputs: [input, filter] }) =>
			input?.shape?.[3] === filter?.shape?.[3] || filter?.shape?.[3] === -1
				? 1
				: 6,
	),
	DEPTHWISE_CONV_2D: highest(
		byType({ int8: 3, int16: 5 }),
		hybrid(4, 6),
		({ options }) =>
			(options.dilationWFactor ?? 1) !== 1 ||
			(options.dilationHFactor ?? 1) !== 1
				? 2
				: 1,
	),
	FULLY_CONNECTED: fullyConnected,
	TRANSPOSE_CONV: ({ inputs, options }) => {
		if ((options.fusedActivationFunction ?? 0) !== 0) return 4;
		if (inputs.length === 4) return 3;
		return inputs[1]?.dtype === "int8" ? 2 : 1;
	},
	BATCH_MATMUL: highest(byType(quantized), ({ inputs: [x, y], options }) =>
		x?.dtype === "float32" &&
		y?.dtype === "int8" &&
		options.asymmetricQuantizeInputs === true
			? 4
			: 1,
	),
	GATHER: highest(byType({ int8: 2, bool: 3, int16: 4 }), ({ options }) =>
		(options.batchDims ?? 0) !== 0 ? 5 : 1,
	),
	GATHER_ND: byType({ string: 2, int16: 3, bool: 5 }),
	SIGN: byType({ int32: 2 }),
	MUL: highest(
		byType({ int8: 2, int16: 4, int64: 5, complex64: 6, uint32: 7 }),
		rescaledProduct,
		plainInt16(7),
	),
	ADD: highest(
		byType({ int8: 2, int64: 4 }),
		({ inputs: [input], options }) =>
			input?.dtype === "int16" && options.potScaleInt16 === false ? 3 : 1,
		plainInt16(5),
	),
	SUB: highest(
		byType({ int8: 2, int64: 4 }),
		({ inputs: [input], options }) =>
			input?.dtype === "int16" && options.potScaleInt16 === false ? 5 : 1,
		beyondFour(3),
	),
	DIV: beyondFour(2),
	MAXIMUM: highest(byType({ int8: 2, int16: 4 }), beyondFour(3)),
	MINIMUM: highest(byType({ int8: 2, int16: 4 }), beyondFour(3)),
	FLOOR_DIV: byType({ float32: 2, int8: 3, int16: 3 }),
	FLOOR_MOD: byType({ int8: 2, int16: 2 }),
	MAX_POOL_2D: byType(quantized),
	AVERAGE_POOL_2D: byType(quantized),
	TRANSPOSE: highest(
		byType({ int8: 2, bool: 3, int16: 5 }),
		byRank(4, 4),
		byRank(5, 6),
	),
	SPLIT: byType({ int8: 2, int32: 3, int16: 4 }, 1),
	SPLIT_V: byType(int8),
	SLICE: highest(
		byType({ int8: 2, string: 3, int16: 4, uint32: 6 }),
		byRank(4, 5),
	),
	STRIDED_SLICE: highest(
		byType({ int8: 2, bool: 3, string: 5, uint32: 7 }),
		byRank(4, 4),
		({ options }) =>
			(options.ellipsisMask ?? 0) !== 0 || (options.newAxisMask ?? 0) !== 0
				? 6
				: 1,
	),
	UNPACK: byType({ int8: 2, uint8: 2, bool: 3, int16: 4 }),
	PACK: byType({ int8: 2, int16: 3, uint32: 4 }),
	CONCATENATION: byType({ int8: 2, int16: 3, uint32: 4 }),
	DEQUANTIZE: highest(
		byType({ int8: 2, int16: 3, float16: 3 }),
		({ inputs: [input] }) =>
			(input?.quantization?.scale.length ?? 1) > 1 ? 5 : 1,
	),
	QUANTIZE: ({ outputs: [output] }) => (output.dtype === "int16" ? 2 : 1),
	ABS: highest(
		byType({ int32: 5, int8: 2, uint8: 2, int16: 3 }),
		plainInt16(4),
	),
	L2_NORMALIZATION: byType(int8),
	RELU: byType({ int8: 2, uint8: 2, int16: 3 }),
	RELU6: byType(quantized),
	LEAKY_RELU: byType({ int16: 2 }),
	TANH: byType(quantized),
	LOGISTIC: byType(quantized),
	SOFTMAX: byType(quantized),
	LOG_SOFTMAX: byType(int8),
	GELU: byType({ int8: 2, uint8: 2 }),
	EXP: byType({ int8: 2, int16: 2 }),
	LOG: byType({ int8: 2, int16: 2 }),
	RSQRT: byType(quantized),
	MEAN: byType(quantized),
	SUM: byType(int8),
	REDUCE_MAX: byType(quantized),
	REDUCE_MIN: byType(quantized),
	REDUCE_PROD: byType({ int8: 2, int16: 2 }),
	ARG_MAX: byType({ int8: 2, bool: 3 }),
	ARG_MIN: byType({ int8: 2, bool: 3 }),
	TOPK_V2: byType({ int8: 2, int16: 3 }),
	REVERSE_V2: byType({ bool: 2, int8: 3 }),
	RESIZE_BILINEAR: highest(byType({ int8: 2, int16: 4 }), ({ options }) =>
		options.halfPixelCenters === true ? 3 : 1,
	),
	RESIZE_NEAREST_NEIGHBOR: highest(
		byType({ int8: 2, int16: 4 }),
		({ options }) =>
			options.halfPixelCenters === true || options.alignCorners === true
				? 3
				: 1,
	),
	TILE: byType({ string: 2, int8: 3 }),
	SQUEEZE: byType({ string: 2 }),
	SPACE_TO_BATCH_ND: highest(
		byType({ int8: 2, int16: 4 }),
		({ inputs: [input] }) => (rankOf(input) === 4 ? 1 : 3),
	),
	BATCH_TO_SPACE_ND: highest(
		byType({ int8: 2, int16: 4 }),
		({ inputs: [input] }) => (rankOf(input) === 4 ? 1 : 3),
	),
	PAD: highest(byType({ int8: 2, int16: 3, bool: 5 }), byRank(4, 4)),
	PADV2: highest(byType({ int8: 2, int16: 3, bool: 5 }), byRank(4, 4)),
	MIRROR_PAD: byType(quantized),
	FILL: byType({ bool: 2, string: 2, int8: 3, int16: 3, float16: 4 }, 1),
	EQUAL: byType({ int8: 2, string: 3, int16: 4 }),
	NOT_EQUAL: byType({ int8: 2, string: 3 }),
	LESS: byType(quantized),
	GREATER_EQUAL: byType(quantized),
	GREATER: byType(int8),
	LESS_EQUAL: byType(int8),
	SQUARED_DIFFERENCE: byType(int8),
	RANGE: byType({ int64: 2 }),
	SELECT: byType(int8),
	SPACE_TO_DEPTH: byType(int8),
	DEPTH_TO_SPACE: byType(int8),
	SPARSE_TO_DENSE: byType({ int64: 2, int8: 3, uint8: 3 }, 2),
	BROADCAST_TO: byType({ int8: 3, int16: 3 }, 0, 2),
	CAST: ({ inputs: [from], outputs: [to] }) =>
		Math.max(...[from?.dtype, to.dtype].map((type) => CASTS[type ?? ""] ?? 1)),
	WHERE: ({ inputs: [input] }) => (input?.dtype === "bool" ? 1 : 2),
	UNIDIRECTIONAL_SEQUENCE_LSTM: ({ inputs, options }) => {
		if (inputs[2]?.dtype !== "int8") return 1;
		return options.asymmetricQuantizeInputs === true ? 3 : 2;
	},
	DYNAMIC_UPDATE_SLICE: byType({ int64: 2 }, 2),
};

const CASTS: Readonly<Record<string, number | undefined>> = {
	uint32: 2,
	int8: 3,
	uint16: 4,
	float64: 5,
	float16: 5,
	bfloat16: 7,
};

/** Releases of versions 1, 2, … (LiteRT, tools/versioning/runtime_version.cc). */
const RELEASES: readonly (readonly [releases: string, ops: string])[] = [
	["1.5.0 1.14.0 2.3.0", "AVERAGE_POOL_2D MAX_POOL_2D"],
	["2.3.0 2.3.0 2.4.0 2.5.0", "BATCH_MATMUL"],
	["- 2.5.0 2.5.0 2.23.0", "BROADCAST_TO"],
	["1.5.0 1.14.0 1.14.0 2.3.0 2.4.0 2.9.0 2.11.0 2.15.0", "CONV_2D"],
	["1.5.0 1.12.0 1.14.0 2.2.0 2.3.0 2.3.0 2.11.0", "DEPTHWISE_CONV_2D"],
	["1.5.0 1.14.0 2.4.0 2.6.0 2.13.0 2.23.0", "ADD"],
	[
		"1.14.0",
		"ADD_N UNIQUE REVERSE_SEQUENCE CEIL MATRIX_DIAG MATRIX_SET_DIAG ELU ROUND RANK",
	],
	["1.6.0 1.14.0 2.3.0 2.12.0", "SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND"],
	["1.6.0 1.14.0 2.3.0 2.4.0 2.4.0", "SUB"],
	["1.6.0 2.3.0", "DIV"],
	["1.5.0 2.7.0 2.8.0 2.9.0 2.12.0 2.15.0 2.17.0 2.21.0 2.23.0", "CAST"],
	["1.5.0 1.14.0 2.3.0 2.14.0 2.21.0 2.23.0 2.23.0", "CONCATENATION"],
	["2.1.0 2.5.0", "DEPTH_TO_SPACE"],
	["1.13.0 1.14.0 1.14.0 2.18.0 2.21.0", "EMBEDDING_LOOKUP"],
	[
		"1.5.0 1.10.0 1.14.0 1.14.0 2.0.0 2.1.0 2.3.0 2.3.0 2.3.0 2.11.0 2.15.0 2.17.0 2.18.0 2.21.0",
		"FULLY_CONNECTED",
	],
	["1.6.0 1.14.0 1.15.0 2.4.0 2.5.0 2.13.0 2.15.0 2.23.0", "GATHER"],
	["1.14.0 2.3.0 2.5.0 2.13.0 2.16.0 2.23.0", "GATHER_ND"],
	["1.5.0 1.14.0", "L2_NORMALIZATION SPACE_TO_DEPTH"],
	["1.5.0", "LOCAL_RESPONSE_NORMALIZATION RESHAPE RELU_N1_TO_1"],
	["1.14.0 1.14.0 2.3.0 2.3.0", "MAXIMUM MINIMUM"],
	["1.5.0 1.14.0 1.15.0 2.3.0 2.6.0 2.11.0 2.13.0 2.23.0", "MUL"],
	["2.1.0", "NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND"],
	["1.5.0 1.14.0 2.4.0 2.6.0 2.20.0 2.23.0", "PAD"],
	["1.10.1 2.2.0 2.8.0", "TILE"],
	["1.9.0 1.14.0 2.4.0 2.6.0 2.20.0 2.23.0", "PADV2"],
	["1.5.0 1.14.0 2.3.0 2.23.0", "SOFTMAX"],
	["1.6.0 1.14.0 1.15.0 2.3.0 2.4.0 2.12.0 2.14.4 2.22.0 2.23.0", "TRANSPOSE"],
	["1.13.1 1.14.0 2.3.0 2.12.0", "UNIDIRECTIONAL_SEQUENCE_LSTM"],
	["1.6.0 1.14.0 2.4.0", "MEAN"],
	["1.10.0 1.15.0", "SUM"],
	["1.11.0 1.14.0 2.5.0", "REDUCE_MAX REDUCE_MIN"],
	["1.11.0 2.6.0", "REDUCE_PROD"],
	["1.11.0", "REDUCE_ANY ONE_HOT LOGICAL_OR LOGICAL_AND LOGICAL_NOT"],
	["1.5.0 1.14.0 2.5.0", "RELU6"],
	["1.7.0 1.14.0 2.2.0 2.5.0", "RESIZE_BILINEAR"],
	["1.13.1 1.14.0 2.3.0 2.4.0", "RESIZE_NEAREST_NEIGHBOR"],
	["1.6.0 2.5.0", "SQUEEZE"],
	["1.5.0 1.14.0 1.14.0 2.3.0 2.23.0", "SPLIT"],
	["1.13.1 2.3.0 2.23.0", "SPLIT_V"],
	["1.6.0 1.14.0 2.1.0 2.2.0 2.5.0 2.6.0 2.14.0 2.14.0", "STRIDED_SLICE"],
	["1.7.0 1.14.0 2.13.0", "TOPK_V2"],
	["1.9.0 1.14.0 2.9.0", "ARG_MAX ARG_MIN"],
	["1.9.0 2.2.0 2.3.0 2.13.0 2.15.0", "TRANSPOSE_CONV"],
	["1.9.0 1.14.0 1.15.0", "SPARSE_TO_DENSE"],
	["1.10.0", "EXPAND_DIMS SHAPE POW"],
	["1.11.0 1.14.0 2.3.0 2.13.0 2.23.0", "PACK"],
	["1.14.0 1.14.0 1.14.0 2.4.0 2.5.0 2.14.0 2.21.0 2.23.0", "SLICE"],
	["1.14.0 1.14.0 2.3.0", "TANH LOGISTIC"],
	["1.11.0 1.14.0 2.2.0 2.3.0 2.22.0 2.23.0", "UNPACK"],
	["1.13.1 2.3.0", "LEAKY_RELU"],
	["1.14.0 1.14.0", "LOG_SOFTMAX GREATER LESS_EQUAL"],
	["1.13.1 2.5.0", "SQUARED_DIFFERENCE"],
	["1.13.1 2.3.0 2.12.0", "MIRROR_PAD"],
	["1.14.0 2.8.0", "WHERE"],
	[
		"1.13.1 1.14.0 1.15.0 2.2.0 2.7.0 2.18.0 2.21.0 2.22.0 2.23.0",
		"DEQUANTIZE",
	],
	["1.14.0 1.14.0 2.3.0 2.13.0 2.21.0", "EQUAL"],
	["1.14.0 1.14.0 2.3.0 2.21.0", "NOT_EQUAL"],
	["1.14.0 1.14.0 2.13.0", "GREATER_EQUAL LESS FLOOR_DIV"],
	["2.2.0", "SEGMENT_SUM"],
	["1.14.0 1.14.0 2.12.0 2.12.0", "SELECT"],
	["2.2.0 2.12.0", "SELECT_V2"],
	["1.15.0", "IF HARD_SWISH WHILE"],
	["1.9.0", "FLOOR NEG"],
	["1.14.0 1.15.0 2.7.0 2.21.0 2.21.0 2.21.0", "QUANTIZE"],
	["1.5.0 2.1.0 2.5.0", "RELU"],
	[
		"2.10.0",
		"RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2",
	],
	["1.8.0", "PRELU"],
	["1.7.0 2.12.0", "EXP"],
	["1.14.0 2.23.0", "COS"],
	["1.13.0 2.13.0", "FLOOR_MOD"],
	["1.13.0 2.14.0", "RANGE"],
	["1.9.0 2.23.0", "SIN"],
	["1.14.0 2.15.0", "LOG"],
	["1.10.0 2.21.0", "SQRT"],
	["1.10.0 2.5.0 2.15.0", "RSQRT"],
	["1.12.0", "SQUARE ZEROS_LIKE"],
	["1.13.0 2.4.0 2.5.0 2.6.0 2.12.0", "ABS"],
	["1.13.0 2.3.0 2.5.0 2.12.0 2.23.0", "FILL"],
	["1.14.0 2.2.0 2.5.0 2.23.0", "REVERSE_V2"],
	["2.4.0", "CUMSUM"],
	[
		"2.5.0",
		"RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE",
	],
	["2.6.0", "REDUCE_ALL CONV_3D_TRANSPOSE BROADCAST_ARGS"],
	["2.8.0", "RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL"],
	["2.9.0 2.9.0 2.23.0", "GELU"],
	["2.9.0 2.17.0 2.19.0 2.20.0 2.21.0 2.22.0", "DYNAMIC_UPDATE_SLICE"],
	["2.11.0", "UNSORTED_SEGMENT_MIN"],
	["2.11.0 2.12.0", "SIGN"],
	["2.13.0", "BITCAST BITWISE_XOR RIGHT_SHIFT"],
];

const RUNTIMES: ReadonlyMap<string, readonly string[]> = new Map(
	RELEASES.flatMap(([releases, ops]) =>
		ops.split(" ").map((op) => [op, releases.split(" ")] as const),
	),
);
