import {
	type BuiltinOperator,
	TensorType,
	TFLITE_TABLES,
	TFLITE_UNIONS,
} from "../../gen/tflite.js";
import type {
	Fields,
	Schema,
	UnionValue,
} from "../formats/flatbuffer/schema.js";
import type { DType } from "../tensor/dtype.js";

export type LiteTables = typeof TFLITE_TABLES;

/** TensorFlow Lite's files, version 3 of their schema. */
export const LITE_SCHEMA: Schema<LiteTables, typeof TFLITE_UNIONS> = {
	tables: TFLITE_TABLES,
	unions: TFLITE_UNIONS,
	identifier: "TFL3",
};

export const LITE_VERSION = 3;

export type LiteFields<Name extends keyof LiteTables> = Fields<
	LiteTables,
	Name
>;

/** What an operator is told beside its inputs. */
export type LiteOptions = UnionValue<LiteTables>;

/** `CONV_2D`. */
export type LiteOp = keyof typeof BuiltinOperator;

/** The number of an element type; `undefined` where TensorFlow Lite has none. */
export function liteType(dtype: DType): number | undefined {
	return NUMBERS[dtype];
}

/** The element type of a number; `undefined` where TensorFlow has none of its own (int4 and narrower). */
export function dtypeOfLite(type: number): DType | undefined {
	return BY_NUMBER.get(type);
}

const NUMBERS: Readonly<Partial<Record<DType, number>>> = {
	float32: TensorType.FLOAT32,
	float16: TensorType.FLOAT16,
	bfloat16: TensorType.BFLOAT16,
	float64: TensorType.FLOAT64,
	int8: TensorType.INT8,
	int16: TensorType.INT16,
	int32: TensorType.INT32,
	int64: TensorType.INT64,
	uint8: TensorType.UINT8,
	uint16: TensorType.UINT16,
	uint32: TensorType.UINT32,
	uint64: TensorType.UINT64,
	bool: TensorType.BOOL,
	string: TensorType.STRING,
	complex64: TensorType.COMPLEX64,
	complex128: TensorType.COMPLEX128,
	resource: TensorType.RESOURCE,
	variant: TensorType.VARIANT,
};

const BY_NUMBER: ReadonlyMap<number, DType> = new Map(
	Object.entries(NUMBERS).map(([dtype, type]) => [type, dtype as DType]),
);
