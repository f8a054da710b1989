import { expect, test } from "vitest";
import { decodeFlatbuffer } from "../../../src/lib/formats/flatbuffer/decode.js";
import { encodeFlatbuffer } from "../../../src/lib/formats/flatbuffer/encode.js";
import type { Schema } from "../../../src/lib/formats/flatbuffer/schema.js";

const tables = {
	Root: {
		count: [0, "int32", 1],
		name: [1, "string", 0],
		items: [2, "[Item]", 0],
		bytes: [3, "[uint8]", 0],
		long: [4, "int64", 0],
		choice: [6, "Choice", 0],
	},
	Item: { value: [0, "float32", 0], isOn: [1, "bool", 0] },
} as const;
const unions = { Choice: ["NONE", "Item"] } as const;
const SCHEMA: Schema<typeof tables, typeof unions> = {
	tables,
	unions,
	identifier: "TEST",
};

const full = {
	count: 7,
	name: "conv/Größe",
	items: [
		{ value: 1.5, isOn: true },
		{ value: -2, isOn: false },
	],
	bytes: Uint8Array.of(1, 2, 3),
	long: 2n ** 40n,
	choice: { table: "Item", fields: { value: 3, isOn: false } },
} as const;

const file = (fields = full) => encodeFlatbuffer(SCHEMA, "Root", fields, 16);

test("what is written is read again, and what is left out has its default", () => {
	expect(decodeFlatbuffer(SCHEMA, "Root", file())).toEqual(full);
	const empty = encodeFlatbuffer(SCHEMA, "Root", {}, 16);
	expect(decodeFlatbuffer(SCHEMA, "Root", empty)).toEqual({
		count: 1,
		long: 0n,
	});
});

// flatbuffers.dev, internals: offset of the root, identifier, then vtables before tables
test("the file is a flatbuffer: the root's offset, the identifier, vectors of bytes at multiples of 16", () => {
	const bytes = file();
	expect(Buffer.from(bytes.subarray(4, 8)).toString()).toBe("TEST");
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const root = view.getUint32(0, true);
	const vtable = root - view.getInt32(root, true);
	const slot = root + view.getUint16(vtable + 4 + 2 * 3, true);
	const vector = slot + view.getUint32(slot, true);
	expect(view.getUint32(vector, true)).toBe(3);
	expect((vector + 4) % 16).toBe(0);
	expect([...bytes.subarray(vector + 4, vector + 7)]).toEqual([1, 2, 3]);
});

test("bytes that are read later are asked for when they are written", () => {
	const later = { byteLength: 2, read: () => Uint8Array.of(8, 9) };
	const bytes = encodeFlatbuffer(SCHEMA, "Root", { bytes: later }, 16);
	expect(decodeFlatbuffer(SCHEMA, "Root", bytes).bytes).toEqual(
		Uint8Array.of(8, 9),
	);
});

test("a file that is cut or changed anywhere is refused as corrupt, or read as something else", () => {
	const bytes = file();
	const read = (broken: Uint8Array) => {
		try {
			decodeFlatbuffer(SCHEMA, "Root", broken);
			return "read";
		} catch (error) {
			return (error as { code?: string }).code;
		}
	};
	for (let at = 0; at < bytes.length; at++) {
		expect(["read", "CORRUPT"]).toContain(read(bytes.slice(0, at)));
		for (const value of [0, 0x7f, 0xff]) {
			const changed = bytes.slice();
			changed[at] = value;
			expect(["read", "CORRUPT"]).toContain(read(changed));
		}
	}
});

test("tables that stand in a vector many times are not read for ever", () => {
	const item = {
		tables: {
			Root: { lists: [0, "[Middle]", 0] },
			Middle: { items: [0, "[Leaf]", 0] },
			Leaf: { value: [0, "int32", 0] },
		},
		unions: {},
		identifier: "TEST",
	} as const;
	const leaves = Array.from({ length: 200 }, () => ({ value: 1 }));
	const bytes = encodeFlatbuffer(
		item,
		"Root",
		{ lists: Array.from({ length: 200 }, () => ({ items: [] })) },
		16,
	);
	const one = encodeFlatbuffer(
		item,
		"Root",
		{ lists: [{ items: leaves }] },
		16,
	);
	expect(() => decodeFlatbuffer(item, "Root", one)).not.toThrow();
	// every entry of the outer vector is made to point to the same table, of 200 items
	const all = Buffer.concat([bytes, one]);
	const view = new DataView(all.buffer, all.byteOffset, all.length);
	const pointed = (at: number) => at + view.getUint32(at, true);
	const field = (table: number) =>
		table + view.getUint16(table - view.getInt32(table, true) + 4, true);
	const outer = pointed(field(pointed(0)));
	const inner = pointed(
		pointed(field(bytes.length + view.getUint32(bytes.length, true))) + 4,
	);
	for (let i = 0; i < 200; i++) {
		const at = outer + 4 + 4 * i;
		view.setUint32(at, inner - at, true);
	}
	expect(() => decodeFlatbuffer(item, "Root", all)).toThrow(/without end/);
});
