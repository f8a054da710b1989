import { DataType } from "../../gen/tensor_pb.js";
import { fail } from "../errors.js";

/**
 * THE table of element types, keyed by TensorFlow's Python name.
 * - `tf`: number in `DataType`; `serving`: the lower-case name in TensorFlow Serving's error texts
 * - `onnx`: number in `TensorProto.DataType` (onnx.proto3), 0 where ONNX has none
 * - `bytes`: size of one element in `tensor_content` and checkpoints, 0 where it varies
 * - `array`: storage in memory. Half and bfloat16 keep their bits in a Uint16Array; bool is 0 or 1 in a Uint8Array;
 *   complex numbers are interleaved (re, im), so `lanes` is 2; strings are an array of Uint8Array
 * - `kind`: which rules of arithmetic and of JSON apply
 */
export const DTYPES = {
	float32: row(DataType.DT_FLOAT, "float", 1, 4, Float32Array, "float"),
	float64: row(DataType.DT_DOUBLE, "double", 11, 8, Float64Array, "float"),
	int32: row(DataType.DT_INT32, "int32", 6, 4, Int32Array, "int"),
	uint8: row(DataType.DT_UINT8, "uint8", 2, 1, Uint8Array, "int"),
	int16: row(DataType.DT_INT16, "int16", 5, 2, Int16Array, "int"),
	int8: row(DataType.DT_INT8, "int8", 3, 1, Int8Array, "int"),
	string: row(DataType.DT_STRING, "string", 8, 0, Array, "string"),
	complex64: row(
		DataType.DT_COMPLEX64,
		"complex64",
		14,
		8,
		Float32Array,
		"complex",
	),
	int64: row(DataType.DT_INT64, "int64", 7, 8, BigInt64Array, "bigint"),
	bool: row(DataType.DT_BOOL, "bool", 9, 1, Uint8Array, "bool"),
	qint8: row(DataType.DT_QINT8, "qint8", 0, 1, Int8Array, "quantized"),
	quint8: row(DataType.DT_QUINT8, "quint8", 0, 1, Uint8Array, "quantized"),
	qint32: row(DataType.DT_QINT32, "qint32", 0, 4, Int32Array, "quantized"),
	bfloat16: row(DataType.DT_BFLOAT16, "bfloat16", 16, 2, Uint16Array, "half"),
	qint16: row(DataType.DT_QINT16, "qint16", 0, 2, Int16Array, "quantized"),
	quint16: row(DataType.DT_QUINT16, "quint16", 0, 2, Uint16Array, "quantized"),
	uint16: row(DataType.DT_UINT16, "uint16", 4, 2, Uint16Array, "int"),
	complex128: row(
		DataType.DT_COMPLEX128,
		"complex128",
		15,
		16,
		Float64Array,
		"complex",
	),
	float16: row(DataType.DT_HALF, "half", 10, 2, Uint16Array, "half"),
	resource: row(DataType.DT_RESOURCE, "resource", 0, 0, Array, "handle"),
	variant: row(DataType.DT_VARIANT, "variant", 0, 0, Array, "handle"),
	uint32: row(DataType.DT_UINT32, "uint32", 12, 4, Uint32Array, "int"),
	uint64: row(DataType.DT_UINT64, "uint64", 13, 8, BigUint64Array, "bigint"),
} as const satisfies Record<string, DTypeRow>;

export type DType = keyof typeof DTYPES;

export type DTypeKind =
	| "float"
	| "half"
	| "int"
	| "bigint"
	| "bool"
	| "string"
	| "complex"
	| "quantized"
	| "handle";

export type NumericArray =
	| Float32Array
	| Float64Array
	| Int32Array
	| Uint8Array
	| Int16Array
	| Int8Array
	| Uint16Array
	| Uint32Array;
export type BigArray = BigInt64Array | BigUint64Array;
export type TypedArray = NumericArray | BigArray;

type ArrayConstructor =
	| typeof Float32Array
	| typeof Float64Array
	| typeof Int32Array
	| typeof Uint8Array
	| typeof Int16Array
	| typeof Int8Array
	| typeof Uint16Array
	| typeof Uint32Array
	| typeof BigInt64Array
	| typeof BigUint64Array
	| typeof Array;

export interface DTypeRow {
	readonly tf: DataType;
	readonly serving: string;
	readonly onnx: number;
	readonly bytes: number;
	readonly lanes: 1 | 2;
	readonly array: ArrayConstructor;
	readonly kind: DTypeKind;
}

/** Reference types (TensorFlow 1 variables) are their base type plus this. */
const REF_OFFSET = 100;

const BY_NUMBER: ReadonlyMap<number, DType> = new Map(
	(Object.keys(DTYPES) as DType[]).map((name) => [DTYPES[name].tf, name]),
);

/** The element type of a `DataType` number, a reference type read as its base type; fails with UNSUPPORTED for types we lack. */
export function dtypeFromNumber(number: number): DType {
	const found = BY_NUMBER.get(baseNumber(number));
	if (found === undefined)
		throw fail(
			"UNSUPPORTED",
			`cannot use element type ${dataTypeName(number)}: mlship knows ${Object.keys(DTYPES).join(", ")}`,
		);
	return found;
}

/** Whether a `DataType` number is of an element type we know. */
export function isDTypeNumber(number: number): boolean {
	return BY_NUMBER.has(baseNumber(number));
}

/** TensorFlow's enum name, `DT_FLOAT`, `DT_FLOAT_REF`; the bare number for one that is not in the enum. */
export function dataTypeName(number: number): string {
	return DataType[number] === undefined
		? String(number)
		: `DT_${DataType[number].replace(/^DT_/, "")}`;
}

export function isDType(name: string): name is DType {
	return Object.hasOwn(DTYPES, name);
}

function baseNumber(number: number): number {
	return number > REF_OFFSET ? number - REF_OFFSET : number;
}

function row(
	tf: DataType,
	serving: string,
	onnx: number,
	bytes: number,
	array: ArrayConstructor,
	kind: DTypeKind,
): DTypeRow {
	return {
		tf,
		serving,
		onnx,
		bytes,
		lanes: kind === "complex" ? 2 : 1,
		array,
		kind,
	};
}
