import { Builder } from "flatbuffers";
import {
	type AnyFields,
	type FieldRow,
	type Fields,
	type LaterBytes,
	OFFSET_SIZE,
	type Plain,
	type Schema,
	scalarOf,
	type TableRows,
	type UnionRows,
} from "./schema.js";

/** Vectors of bytes start at multiples of it, as kernels read weights where they lie (schema.fbs, force_align). */
const ALIGNMENT = 16;

/** A file whose root is a table of this name; `size` is a guess of how many bytes it takes, so that none are moved. */
export function encodeFlatbuffer<
	T extends TableRows,
	U extends UnionRows,
	Name extends keyof T & string,
>(
	schema: Schema<T, U>,
	root: Name,
	fields: Fields<T, Name>,
	size: number,
): Uint8Array {
	const builder = new Builder(size);
	const offset = new Encoder(schema, builder).table(root, fields as AnyFields);
	builder.finish(offset, schema.identifier);
	return builder.asUint8Array();
}

/** Writes tables behind what they point to. Has a lifetime: one file. */
class Encoder {
	readonly #schema: Schema<TableRows, UnionRows>;
	readonly #to: Builder;
	readonly #strings = new Map<string, number>();

	constructor(schema: Schema<TableRows, UnionRows>, to: Builder) {
		this.#schema = schema;
		this.#to = to;
	}

	table(name: string, fields: AnyFields): number {
		const rows = Object.entries(this.#schema.tables[name])
			.filter(([field]) => fields[field] !== undefined)
			.map(([field, row]) => ({ row, value: fields[field] }));
		const children = rows.map(({ row: [, type], value }) =>
			scalarOf(type) !== undefined ? 0 : this.#child(type, value),
		);
		const slots = Math.max(-1, ...rows.map(({ row: [slot] }) => slot));
		this.#to.startObject(slots + 1);
		for (const [i, { row, value }] of rows.entries())
			this.#field(row, value, children[i]);
		return this.#to.endObject();
	}

	#field([slot, type, initial]: FieldRow, value: unknown, child: number) {
		const to = this.#to;
		const scalar = scalarOf(type);
		if (scalar !== undefined) {
			if (value === scalar.initial(initial)) return;
			scalar.add(to, value as Plain);
			to.slot(slot);
			return;
		}
		const tables = this.#schema.unions[type];
		if (tables !== undefined) {
			const { table } = value as { table: string };
			to.addFieldInt8(slot - 1, tables.indexOf(table), 0);
		}
		to.addFieldOffset(slot, child, 0);
	}

	#child(type: string, value: unknown): number {
		if (type === "string") return this.#string(value as string);
		if (type === "[uint8]")
			return this.#bytes(value as Uint8Array | LaterBytes);
		if (type.startsWith("["))
			return this.#vector(type.slice(1, -1), value as readonly unknown[]);
		if (this.#schema.unions[type] === undefined)
			return this.table(type, value as AnyFields);
		const { table, fields } = value as { table: string; fields: AnyFields };
		return this.table(table, fields);
	}

	#string(text: string): number {
		const known = this.#strings.get(text);
		if (known !== undefined) return known;
		const made = this.#to.createString(text);
		this.#strings.set(text, made);
		return made;
	}

	#bytes(bytes: Uint8Array | LaterBytes): number {
		const data = "read" in bytes ? bytes.read() : bytes;
		this.#to.prep(ALIGNMENT, data.length);
		return this.#to.createByteVector(data);
	}

	#vector(type: string, values: readonly unknown[]): number {
		const to = this.#to;
		const scalar = scalarOf(type);
		const add = scalar?.add ?? ((_, offset) => to.addOffset(offset as number));
		const items =
			scalar === undefined
				? values.map((value) => this.#child(type, value))
				: (values as readonly Plain[]);
		const size = scalar?.size ?? OFFSET_SIZE;
		to.startVector(size, items.length, size);
		for (let i = items.length - 1; i >= 0; i--) add(to, items[i]);
		return to.endVector();
	}
}
