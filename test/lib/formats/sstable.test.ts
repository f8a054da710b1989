import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTable } from "../../../src/lib/formats/sstable.js";
import { bytes } from "../../bytes.js";
import {
	makeBlock,
	makeEntry,
	makeTable,
	restarts,
	seal,
	tail,
	varint,
} from "../../table.js";

const utf8 = (text: string): Uint8Array => Buffer.from(text);

function entriesOf(table: Uint8Array): [string, string][] {
	return readTable(table, "a.index").map(({ key, value }) => [
		Buffer.from(key).toString(),
		Buffer.from(value).toString(),
	]);
}

/** A table of one data block. */
function tableOf(block: Uint8Array, type = 0): Uint8Array {
	const data = seal(block, type);
	const index = makeBlock([
		[utf8("z"), Buffer.concat([varint(0), varint(block.length)])],
	]);
	return Buffer.concat([data, tail(bytes`00 00`, index, data.length)]);
}

describe("readTable()", () => {
	test("lists the entries of all blocks in order", () => {
		const table = makeTable([
			[
				[utf8(""), utf8("header")],
				[utf8("a"), utf8("1")],
			],
			[[utf8("b"), utf8("22")]],
		]);
		expect(entriesOf(table)).toEqual([
			["", "header"],
			["a", "1"],
			["b", "22"],
		]);
	});

	test("spells out keys that share a prefix", () => {
		const block = Buffer.concat([
			bytes`
				00 05 01 6c61796572 31   // layer: 1
				05 02 01 2f77 32         // 5 shared, /w: 2
				06 01 01 62 33           // 6 shared, b: 3`,
			restarts(1),
		]);
		expect(entriesOf(tableOf(block))).toEqual([
			["layer", "1"],
			["layer/w", "2"],
			["layer/b", "3"],
		]);
	});

	test("reads a Snappy block", () => {
		const plain = makeBlock([[utf8("k"), utf8("v")]]);
		// one literal holds it all
		const packed = Buffer.concat([
			varint(plain.length),
			Buffer.of((plain.length - 1) << 2),
			plain,
		]);
		expect(entriesOf(tableOf(packed, 1))).toEqual([["k", "v"]]);
	});

	test("reads an index that TensorFlow compressed with Snappy", () => {
		const path =
			"fixtures/models/tensorflow-serving/saved_model_half_plus_two_cpu/00000123/variables/variables.index";
		// TensorFlow's own list of the variables (tf.train.list_variables)
		expect(entriesOf(readFileSync(path)).map(([key]) => key)).toEqual([
			"",
			"a",
			"a2",
			"b",
			"c",
			"c2",
		]);
	});

	test.each([
		[
			"is too short for a footer",
			new Uint8Array(47),
			"it has 47 bytes, a table's footer alone takes 48",
		],
		[
			"does not end in the magic number",
			new Uint8Array(48),
			"it does not end like a table: the file is cut, or something else",
		],
		[
			"has another compression",
			tableOf(makeBlock([]), 2),
			"block at 0 has compression type 2, known are 0 (none) and 1 (Snappy)",
		],
		[
			"has more restart points than bytes",
			tableOf(bytes`ff ff ff ff`),
			"block at 0 has 4 bytes, too few for its restart points",
		],
		[
			"has a block without restart points",
			tableOf(bytes`00`),
			"block at 0 has 1 bytes, too few for its restart points",
		],
		[
			"shares more than there is",
			tableOf(Buffer.concat([makeEntry(1, utf8("a"), utf8("")), restarts(1)])),
			"a key in the block at 0 shares 1 bytes with one of 0",
		],
		[
			"has a value beyond its block",
			tableOf(Buffer.concat([bytes`00 01 09 61`, restarts(1)])),
			"an entry needs 9 bytes, 0 remain",
		],
		[
			"has an endless number",
			tableOf(Buffer.concat([bytes`ff ff ff ff ff ff ff ff ff`, restarts(1)])),
			"a number has more than 7 bytes",
		],
	])("fails with CORRUPT where a table %s", (_, table, reason) => {
		expect(() => readTable(table, "a.index")).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: `cannot read a.index: ${reason}`,
			}),
		);
	});

	test("fails with CORRUPT where a block's bytes differ from their checksum", () => {
		const table = makeTable([[[utf8("a"), utf8("1")]]]);
		table[3] ^= 1;
		expect(() => readTable(table, "a.index")).toThrow(
			/^cannot read a\.index: block at 0 has checksum 0x[\da-f]{8}, its trailer says 0x[\da-f]{8}$/,
		);
	});

	test("fails with CORRUPT where a handle leads out of the file or back", () => {
		const block = makeBlock([[utf8("a"), utf8("1")]]);
		const data = seal(block, 0);
		const withHandles = (...handles: Uint8Array[]): Uint8Array =>
			Buffer.concat([
				data,
				tail(
					bytes`00 00`,
					makeBlock(handles.map((handle) => [utf8("z"), handle])),
					data.length,
				),
			]);
		const good = Buffer.concat([varint(0), varint(block.length)]);
		expect(() =>
			readTable(withHandles(Buffer.concat([varint(0), varint(5000)])), "t"),
		).toThrow("cannot read t: block at 0 needs 5005 bytes");
		expect(() => readTable(withHandles(good, good), "t")).toThrow(
			`cannot read t: block at 0 begins before the one before it ends at ${block.length}`,
		);
	});

	test("fails with CORRUPT where shared prefixes spell out more than any real table has", () => {
		const long = makeEntry(0, Buffer.alloc(60_000, "k"), utf8(""));
		const sharing = makeEntry(60_000, utf8("k"), utf8(""));
		const block = Buffer.concat([
			long,
			...Array.from({ length: 3000 }, () => sharing),
			restarts(1),
		]);
		expect(() => readTable(tableOf(block), "t")).toThrow(
			expect.objectContaining({ code: "CORRUPT" }),
		);
	});
});
