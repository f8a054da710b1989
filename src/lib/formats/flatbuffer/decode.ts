import { ByteBuffer } from "flatbuffers";
import { fail } from "../../errors.js";
import {
	type AnyFields,
	type Fields,
	OFFSET_SIZE,
	type Schema,
	scalarOf,
	type TableRows,
	type UnionRows,
} from "./schema.js";

/** The root table of a file. Bytes stay where they are. Fails with CORRUPT where it breaks its format. */
export function decodeFlatbuffer<
	T extends TableRows,
	U extends UnionRows,
	Name extends keyof T & string,
>(schema: Schema<T, U>, root: Name, bytes: Uint8Array): Fields<T, Name> {
	const from = new ByteBuffer(bytes);
	if (bytes.length < 8 || !from.__has_identifier(schema.identifier))
		throw fail(
			"CORRUPT",
			`cannot read a flatbuffer: it has no "${schema.identifier}" behind its first four bytes`,
		);
	const decoder = new Decoder(schema, from);
	return decoder.table(root, decoder.pointed(0)) as Fields<T, Name>;
}

/** Reads tables; every place is checked to be in the file. Has a lifetime: one file. */
class Decoder {
	readonly #schema: Schema<TableRows, UnionRows>;
	readonly #from: ByteBuffer;
	/** Vectors may be shared, so that a small file would be read for ever: no honest one has more items than bytes. */
	#items = 0;

	constructor(schema: Schema<TableRows, UnionRows>, from: ByteBuffer) {
		this.#schema = schema;
		this.#from = from;
	}

	/** Where the offset at a place points to. */
	pointed(at: number): number {
		return at + this.#from.readUint32(this.#inside(at, 4));
	}

	table(name: string, at: number): AnyFields {
		this.#count(1);
		const vtable = at - this.#from.readInt32(this.#inside(at, 4));
		const length = this.#from.readUint16(this.#inside(vtable, 4));
		this.#inside(vtable, length);
		const fields: Record<string, unknown> = {};
		for (const [field, [slot, type, initial]] of Object.entries(
			this.#schema.tables[name],
		)) {
			const place = (number: number): number => {
				const entry = 4 + 2 * number;
				const offset =
					entry + 2 <= length ? this.#from.readUint16(vtable + entry) : 0;
				return offset === 0 ? 0 : at + offset;
			};
			const value = this.#value(type, place(slot), initial, place(slot - 1));
			if (value !== undefined) fields[field] = value;
		}
		return fields;
	}

	#value(type: string, at: number, initial: number, before: number): unknown {
		const scalar = scalarOf(type);
		if (scalar !== undefined)
			return at === 0
				? scalar.initial(initial)
				: scalar.read(this.#from, this.#inside(at, scalar.size));
		if (at === 0) return undefined;
		const tables = this.#schema.unions[type];
		if (tables === undefined) return this.#child(type, at);
		const table = tables[before === 0 ? 0 : this.#from.readUint8(before)];
		if (table === undefined || this.#schema.tables[table] === undefined)
			return undefined;
		return { table, fields: this.table(table, this.pointed(at)) };
	}

	#child(type: string, at: number): unknown {
		const target = this.pointed(at);
		if (type === "string") return this.#text(target);
		if (!type.startsWith("[")) return this.table(type, target);
		const one = type.slice(1, -1);
		const count = this.#from.readUint32(this.#inside(target, 4));
		const scalar = scalarOf(one);
		const size = scalar?.size ?? OFFSET_SIZE;
		const start = this.#inside(target + 4, count * size);
		if (one === "uint8")
			return this.#from.bytes().subarray(start, start + count);
		this.#count(count);
		return Array.from({ length: count }, (_, i) => {
			const at = start + i * size;
			return scalar?.read(this.#from, at) ?? this.#child(one, at);
		});
	}

	#text(at: number): string {
		const length = this.#from.readUint32(this.#inside(at, 4));
		const start = this.#inside(at + 4, length);
		this.#count(length);
		return new TextDecoder().decode(
			this.#from.bytes().subarray(start, start + length),
		);
	}

	#inside(at: number, length: number): number {
		if (at < 0 || at + length > this.#from.capacity())
			throw fail(
				"CORRUPT",
				`cannot read a flatbuffer of ${this.#from.capacity()} bytes: it points to byte ${at + length}`,
			);
		return at;
	}

	#count(items: number): void {
		this.#items += items;
		if (this.#items > this.#from.capacity())
			throw fail(
				"CORRUPT",
				"cannot read a flatbuffer: its tables point to one another without end",
			);
	}
}
