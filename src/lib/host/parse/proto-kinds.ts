import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { LENGTH_DELIMITED, type WireReader } from "../../formats/wire.js";
import type { DType } from "../../tensor/dtype.js";

export type ProtoValue = number | bigint | Uint8Array;

/** How the values of a type of field are read, and into which element types. */
export interface ProtoKind {
	readonly dtypes: readonly DType[];
	readonly wireType: number;
	readonly read: (reader: WireReader) => ProtoValue;
}

/** Messages and groups are bytes, an enum is its number. */
export function kindOf(field: DescField): ProtoKind {
	if (field.scalar !== undefined) return KINDS[field.scalar];
	return field.enum === undefined ? bytes : { ...int32, dtypes: ["int32"] };
}

const VARINT = 0;
const FIXED_64 = 1;
const FIXED_32 = 5;

const int32: ProtoKind = {
	dtypes: ["int32", "int64"],
	wireType: VARINT,
	read: (reader) => reader.varint32(),
};
const bytes: ProtoKind = {
	dtypes: ["string"],
	wireType: LENGTH_DELIMITED,
	read: (reader) => reader.bytes(),
};

const KINDS: Readonly<Record<ScalarType, ProtoKind>> = {
	[ScalarType.DOUBLE]: {
		dtypes: ["float64"],
		wireType: FIXED_64,
		read: (reader) => reader.double(),
	},
	[ScalarType.FLOAT]: {
		dtypes: ["float32", "float64"],
		wireType: FIXED_32,
		read: (reader) => reader.float(),
	},
	[ScalarType.INT64]: {
		dtypes: ["int64"],
		wireType: VARINT,
		read: (reader) => reader.varint64(),
	},
	[ScalarType.UINT64]: {
		dtypes: ["uint64"],
		wireType: VARINT,
		read: (reader) => reader.varint64(),
	},
	[ScalarType.INT32]: int32,
	[ScalarType.FIXED64]: {
		dtypes: ["uint64"],
		wireType: FIXED_64,
		read: (reader) => reader.fixed64(),
	},
	[ScalarType.FIXED32]: {
		dtypes: ["uint32", "uint64"],
		wireType: FIXED_32,
		read: (reader) => reader.fixed32(),
	},
	[ScalarType.BOOL]: {
		dtypes: ["bool"],
		wireType: VARINT,
		read: (reader) => Number(reader.bool()),
	},
	[ScalarType.STRING]: bytes,
	[ScalarType.BYTES]: bytes,
	[ScalarType.UINT32]: {
		dtypes: ["uint32", "uint64"],
		wireType: VARINT,
		read: (reader) => reader.varint32() >>> 0,
	},
	[ScalarType.SFIXED32]: {
		dtypes: ["int32", "int64"],
		wireType: FIXED_32,
		read: (reader) => reader.fixed32() | 0,
	},
	[ScalarType.SFIXED64]: {
		dtypes: ["int64"],
		wireType: FIXED_64,
		read: (reader) => reader.fixed64(),
	},
	[ScalarType.SINT32]: {
		dtypes: ["int32", "int64"],
		wireType: VARINT,
		read: (reader) => {
			const coded = reader.varint32();
			return (coded >>> 1) ^ -(coded & 1);
		},
	},
	[ScalarType.SINT64]: {
		dtypes: ["int64"],
		wireType: VARINT,
		read: (reader) => {
			const coded = BigInt.asUintN(64, reader.varint64());
			return (coded >> 1n) ^ -(coded & 1n);
		},
	},
};
