import type { Builder, ByteBuffer } from "flatbuffers";

/** `[slot, type, default]` of a field; `fixtures/tflite_schema.py` says what types are. */
export type FieldRow = readonly [slot: number, type: string, initial: number];

/** The tables of a schema, by name. */
export type TableRows = Readonly<
	Record<string, Readonly<Record<string, FieldRow>>>
>;

/** The tables that a union may hold, by the union's name. */
export type UnionRows = Readonly<Record<string, readonly string[]>>;

export interface Schema<Tables extends TableRows, Unions extends UnionRows> {
	readonly tables: Tables;
	readonly unions: Unions;
	/** Four letters behind the root's offset. */
	readonly identifier: string;
}

/** Bytes that are read when they are written: a weight need not be in memory before. */
export interface LaterBytes {
	readonly byteLength: number;
	read(): Uint8Array;
}

/** The values of a table's fields; one that is left out has its default. */
export type Fields<T extends TableRows, Name extends keyof T> = {
	readonly [Field in keyof T[Name]]?: Value<T, T[Name][Field][1]>;
};

/** What a union holds. */
export type UnionValue<T extends TableRows> = {
	[Name in keyof T]: {
		readonly table: Name;
		readonly fields: Fields<T, Name>;
	};
}[keyof T];

type Value<T extends TableRows, Type> = Type extends "[uint8]"
	? Uint8Array | LaterBytes
	: Type extends `[${infer One}]`
		? readonly Value<T, One>[]
		: Type extends "string"
			? string
			: Type extends "bool"
				? boolean
				: Type extends "int64" | "uint64"
					? bigint
					: Type extends ScalarType
						? number
						: Type extends keyof T
							? Fields<T, Type>
							: UnionValue<T>;

type ScalarType = Exclude<keyof typeof SCALARS, "bool" | "int64" | "uint64">;

export type AnyFields = Readonly<Record<string, unknown>>;

/** Bytes of what points to something else. */
export const OFFSET_SIZE = 4;

export interface Scalar {
	readonly size: number;
	/** Writes a value behind what was written last. */
	add(to: Builder, value: Plain): void;
	read(from: ByteBuffer, at: number): Plain;
	/** A default of the schema as the field's value. */
	initial(value: number): Plain;
}

export type Plain = number | bigint | boolean;

/** What lies in a table itself, by its type; anything else is pointed to. */
export const SCALARS = {
	bool: {
		size: 1,
		add: (to, value) => to.addInt8(Number(value)),
		read: (from, at) => from.readInt8(at) !== 0,
		initial: (value) => value !== 0,
	},
	int8: number(1, "addInt8", "readInt8"),
	uint8: number(1, "addInt8", "readUint8"),
	int16: number(2, "addInt16", "readInt16"),
	uint16: number(2, "addInt16", "readUint16"),
	int32: number(4, "addInt32", "readInt32"),
	uint32: number(4, "addInt32", "readUint32"),
	float32: number(4, "addFloat32", "readFloat32"),
	float64: number(8, "addFloat64", "readFloat64"),
	int64: long("readInt64"),
	uint64: long("readUint64"),
} as const satisfies Readonly<Record<string, Scalar>>;

export function scalarOf(type: string): Scalar | undefined {
	return (SCALARS as Readonly<Record<string, Scalar | undefined>>)[type];
}

function number(
	size: number,
	add: "addInt8" | "addInt16" | "addInt32" | "addFloat32" | "addFloat64",
	read:
		| "readInt8"
		| "readUint8"
		| "readInt16"
		| "readUint16"
		| "readInt32"
		| "readUint32"
		| "readFloat32"
		| "readFloat64",
): Scalar {
	return {
		size,
		add: (to, value) => to[add](value as number),
		read: (from, at) => from[read](at),
		initial: (value) => value,
	};
}

function long(read: "readInt64" | "readUint64"): Scalar {
	return {
		size: 8,
		add: (to, value) => to.addInt64(value as bigint),
		read: (from, at) => from[read](at),
		initial: BigInt,
	};
}
