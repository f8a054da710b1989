import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "../../gen/tensor_pb.js";
import { fail } from "../errors.js";
import type { Constant } from "./constant.js";
import {
	DTYPES,
	type DType,
	type DTypeKind,
	dtypeFromNumber,
	type TypedArray,
} from "./dtype.js";
import {
	allocate,
	elementCount,
	type Tensor,
	tensorBytes,
	tensorFromBytes,
} from "./tensor.js";

/**
 * A tensor in either form of TensorProto: `tensor_content`, or typed values of which the last one repeats
 * (tensorflow/core/framework/tensor.proto). Fails with CORRUPT where bytes and shape disagree.
 */
export function tensorFromProto(proto: TensorProto): Tensor {
	const dtype = dtypeFromNumber(proto.dtype);
	const shape = shapeOf(proto);
	const { kind } = DTYPES[dtype];
	if (kind === "handle")
		throw fail(
			"UNSUPPORTED",
			`cannot read a tensor of type ${dtype}: it has no plain elements`,
		);
	if (kind === "string")
		return { dtype, shape, data: stringsFromProto(proto, elementCount(shape)) };
	if (proto.tensorContent.length > 0)
		return tensorFromBytes(dtype, shape, proto.tensorContent);
	return {
		dtype,
		shape,
		data: filled(dtype, elementCount(shape), valuesOf(proto, dtype)),
	};
}

/** The same, read when it is asked for. */
export function constantFromProto(proto: TensorProto): Constant {
	const dtype = dtypeFromNumber(proto.dtype);
	const shape = shapeOf(proto);
	const byteLength = elementCount(shape) * DTYPES[dtype].bytes;
	return { dtype, shape, byteLength, read: () => tensorFromProto(proto) };
}

/** Numbers as `tensor_content`, strings as `string_val`. */
export function tensorToProto(tensor: Tensor): TensorProto {
	const { dtype, shape, data } = tensor;
	const head = {
		dtype: DTYPES[dtype].tf,
		tensorShape: { dim: shape.map((size) => ({ size: BigInt(size) })) },
	};
	if (!ArrayBuffer.isView(data))
		return create(TensorProtoSchema, { ...head, stringVal: [...data] });
	return create(TensorProtoSchema, {
		...head,
		tensorContent: tensorBytes(tensor),
	});
}

/** A message has at most 2 GB. */
const MAX_ELEMENTS = 2 ** 31;

/** A few bytes may stand for many equal elements, but no real constant is so large. */
const MAX_FILLED_BYTES = 2 ** 28;

function shapeOf({ tensorShape }: TensorProto): number[] {
	if (tensorShape?.unknownRank)
		throw fail("CORRUPT", "cannot read a tensor: its shape is not known");
	const shape = (tensorShape?.dim ?? []).map(({ size }) => Number(size));
	const count = elementCount(shape);
	if (count > MAX_ELEMENTS)
		throw fail(
			"CORRUPT",
			`cannot read a tensor of ${count} elements: a protobuf message holds at most ${MAX_ELEMENTS}`,
		);
	return shape;
}

type Values = readonly (number | bigint | boolean)[];

/** In which field each kind of type keeps its values. */
const FIELDS: Readonly<
	Record<
		Exclude<DTypeKind, "string" | "handle">,
		(proto: TensorProto, dtype: DType) => Values
	>
> = {
	float: (proto, dtype) =>
		dtype === "float64" ? proto.doubleVal : proto.floatVal,
	half: (proto) => proto.halfVal,
	int: (proto, dtype) => (dtype === "uint32" ? proto.uint32Val : proto.intVal),
	quantized: (proto) => proto.intVal,
	bigint: (proto, dtype) =>
		dtype === "uint64" ? proto.uint64Val : proto.int64Val,
	bool: (proto) => proto.boolVal,
	complex: (proto, dtype) =>
		dtype === "complex128" ? proto.dcomplexVal : proto.scomplexVal,
};

function valuesOf(proto: TensorProto, dtype: DType): Values {
	const { kind } = DTYPES[dtype];
	return kind === "string" || kind === "handle"
		? []
		: FIELDS[kind](proto, dtype);
}

/** Fewer values than elements: the last one repeats; more: the rest is dropped. */
function filled(dtype: DType, count: number, values: Values): TypedArray {
	if (values.length < count) checkFilled(count * DTYPES[dtype].bytes);
	const data = allocate(dtype, count) as TypedArray;
	const { lanes, kind } = DTYPES[dtype];
	const given = Math.min(values.length - (values.length % lanes), data.length);
	if (given === 0) return data;
	const convert = kind === "bigint" ? BigInt : Number;
	for (let i = 0; i < given; i++) data[i] = convert(values[i]) as never;
	for (let i = given; i < data.length; i++) data[i] = data[i - lanes];
	return data;
}

function checkFilled(bytes: number): void {
	if (bytes > MAX_FILLED_BYTES)
		throw fail(
			"CORRUPT",
			`cannot read a tensor of ${bytes} bytes from a few values: at most ${MAX_FILLED_BYTES} are believed`,
		);
}

function stringsFromProto(proto: TensorProto, count: number): Uint8Array[] {
	if (proto.tensorContent.length > 0)
		return stringsFromContent(proto.tensorContent, count);
	// a reference to a string takes as much as a double
	if (proto.stringVal.length < count) checkFilled(8 * count);
	const last = proto.stringVal.at(-1) ?? new Uint8Array(0);
	return Array.from({ length: count }, (_, i) => proto.stringVal[i] ?? last);
}

/** All lengths as varints, then all bytes. */
function stringsFromContent(content: Uint8Array, count: number): Uint8Array[] {
	if (count > content.length)
		throw fail(
			"CORRUPT",
			`cannot read ${count} strings: ${content.length} bytes are there`,
		);
	let offset = 0;
	const varint = () => {
		let value = 0;
		for (let shift = 0; shift < 35; shift += 7) {
			const byte = content[offset++];
			if (byte === undefined) break;
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
		}
		throw fail("CORRUPT", `cannot read strings: no length at offset ${offset}`);
	};
	const lengths = Array.from({ length: count }, varint);
	return lengths.map((length) => {
		if (offset + length > content.length)
			throw fail(
				"CORRUPT",
				`cannot read a string of ${length} bytes at offset ${offset}: ${content.length - offset} bytes remain`,
			);
		offset += length;
		return content.subarray(offset - length, offset);
	});
}
