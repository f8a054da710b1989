import { DTYPES, type DType, dataTypeName } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/tensor.js";
import type { WebAttr, WebShape } from "./topology.js";

export function int(value: number): WebAttr {
	return { i: String(value) };
}

/** TensorFlow.js wants numbers, and JSON has none for infinities: the caller gives a finite one. */
export function float(value: number): WebAttr {
	return { f: value };
}

export function bool(value: boolean): WebAttr {
	return { b: value };
}

export function text(value: string): WebAttr {
	return { s: base64(value) };
}

export function type(dtype: DType): WebAttr {
	return { type: typeName(dtype) };
}

export function ints(values: readonly number[]): WebAttr {
	return { list: { i: values.map(String) } };
}

export function texts(values: readonly string[]): WebAttr {
	return { list: { s: values.map(base64) } };
}

export function body(name: string): WebAttr {
	return { func: { name } };
}

export function webShape(shape: Shape): WebShape {
	return shape === undefined
		? { unknownRank: true }
		: { dim: shape.map((size) => ({ size: String(size) })) };
}

/** `DT_FLOAT`; of a type that TensorFlow.js does not read, the one that it is held in. */
export function typeName(dtype: DType): string {
	return dataTypeName(DTYPES[UNREAD[dtype] ?? dtype].tf);
}

const UNREAD: Readonly<Partial<Record<DType, DType>>> = {
	bfloat16: "float32",
	complex128: "complex64",
	float64: "float32",
	int16: "int32",
	uint16: "int32",
	uint32: "int32",
	uint64: "int32",
};

function base64(value: string): string {
	return Buffer.from(value).toString("base64");
}
