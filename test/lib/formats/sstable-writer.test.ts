import { expect, test } from "vitest";
import { readTable } from "../../../src/lib/formats/sstable.js";
import { writeTable } from "../../../src/lib/formats/sstable-writer.js";

test("a table of many blocks is read as it was written", () => {
	const entries = Array.from({ length: 3000 }, (_, i) => ({
		key: Buffer.from(`key/${String(i).padStart(5, "0")}`),
		value: Buffer.alloc(i % 40, i & 255),
	}));
	const found = readTable(writeTable(entries), "a.index");
	expect(
		found.map(({ key, value }) => [
			Buffer.from(key).toString(),
			Buffer.from(value).toString("hex"),
		]),
	).toEqual(
		entries.map(({ key, value }) => [key.toString(), value.toString("hex")]),
	);
});

test("a table without entries is one", () => {
	expect(readTable(writeTable([]), "a.index")).toEqual([]);
});

test("a table ends with its footer: two places, zeros to 40 bytes, LevelDB's magic number", () => {
	const table = writeTable([{ key: Buffer.of(1), value: Buffer.of(2) }]);
	// doc/table_format.md: 0xdb4775248b80fb57, little-endian
	expect(Buffer.from(table.slice(-8)).toString("hex")).toBe("57fb808b247547db");
	expect(Buffer.from(table.slice(-16, -8)).toString("hex")).toBe(
		"0000000000000000",
	);
});
