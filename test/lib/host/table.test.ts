import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import type { HostValue } from "../../../src/lib/host/value.js";
import { tensorOf } from "../../../src/lib/host/value.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { aRun, runStep } from "./steps.js";

/** A vector of bytes, one a character. */
function texts(...values: string[]): Tensor {
	return tensor(
		"string",
		[values.length],
		values.map((value) => new Uint8Array(Buffer.from(value, "latin1"))),
	);
}

function integers(...values: (number | bigint)[]): Tensor {
	return tensor("int64", [values.length], BigInt64Array.from(values, BigInt));
}

function scalar({ dtype, data }: Tensor): Tensor {
	return { dtype, shape: [], data };
}

function shown(value: HostValue): readonly (string | number)[] {
	const { data } = tensorOf(value);
	return Array.from<number | bigint | Uint8Array, string | number>(
		data,
		(element) =>
			typeof element === "object"
				? Buffer.from(element).toString("latin1")
				: typeof element === "bigint"
					? String(element)
					: element,
	);
}

/** A handle, and what is done with its table. */
function open(op: string, attrs: Attrs, inputs: readonly HostValue[] = []) {
	const [handle] = runStep(op, inputs, attrs);
	const on = (name: string, ...rest: Tensor[]) =>
		runStep(name, [handle, ...rest]);
	return {
		handle,
		on,
		fill: (keys: Tensor, values: Tensor) =>
			on("LookupTableImportV2", keys, values),
		insert: (keys: Tensor, values: Tensor) =>
			on("LookupTableInsertV2", keys, values),
		find: (keys: Tensor, fallback: Tensor) =>
			shown(on("LookupTableFindV2", keys, fallback)[0]),
		size: () => shown(on("LookupTableSizeV2")[0])[0],
	};
}

const types = (key: DType, value: DType): Attrs => ({
	key_dtype: key,
	value_dtype: value,
});

// answers of TensorFlow 2.21
describe("a table that is filled once", () => {
	const make = () => open("HashTableV2", types("string", "int64"));

	test("finds keys by their bytes and gives the default for others", () => {
		const table = make();
		table.fill(texts("\xff", "\xfe", ""), integers(1, 2, 3));
		expect(
			table.find(texts("\xfe", "?", "", "\xff"), scalar(integers(-1))),
		).toEqual(["2", "-1", "3", "1"]);
	});

	test("keeps the shape of the keys", () => {
		const table = make();
		table.fill(texts("a"), integers(7));
		const keys = { ...texts("a", "b"), shape: [1, 2, 1] };
		const [found] = table.on("LookupTableFindV2", keys, scalar(integers(0)));
		expect(tensorOf(found)).toMatchObject({ shape: [1, 2, 1] });
	});

	test("takes the first of many defaults for all keys", () => {
		const table = make();
		table.fill(texts("x"), integers(1));
		expect(table.find(texts("q", "x", "w"), integers(4, 5, 6))).toEqual([
			"4",
			"1",
			"4",
		]);
	});

	test("cannot be looked up in before", () => {
		expect(() => make().find(texts("x"), scalar(integers(1)))).toThrow(
			/nothing has filled/,
		);
	});

	test("is not changed by what comes later", () => {
		const table = make();
		table.fill(texts("x"), integers(1));
		table.fill(texts("x"), integers(2));
		expect(table.find(texts("x"), scalar(integers(0)))).toEqual(["1"]);
		expect(() => table.insert(texts("y"), integers(2))).toThrow(
			expect.objectContaining({ code: "UNSUPPORTED" }),
		);
	});

	test("refuses a key with two values, and allows it twice with one", () => {
		const table = make();
		expect(() => table.fill(texts("x", "x"), integers(1, 2))).toThrow(
			/the key x comes twice/,
		);
		expect(table.size()).toBe("0");
		table.fill(texts("x", "x"), integers(1, 1));
		expect(table.size()).toBe("1");
	});

	test.each([
		["keys of another type", integers(1), scalar(integers(0)), /key of type/],
		["a default of another type", texts("x"), scalar(texts("")), /value of/],
		["as many defaults as no keys", texts("x"), integers(1, 2), /\[2\]/],
	])("refuses %s", (_, keys, fallback, message) => {
		const table = make();
		table.fill(texts("x"), integers(1));
		expect(() => table.find(keys, fallback)).toThrow(message);
	});
});

describe("a table that changes", () => {
	const make = () => open("MutableHashTableV2", types("string", "int64"));

	test("takes new values, forgets keys and gives them places again", () => {
		const table = make();
		table.insert(texts("a", "b", "a"), integers(1, 2, 3));
		table.on("LookupTableRemoveV2", texts("b", "none"));
		table.insert(texts("c"), integers(9));
		expect(table.size()).toBe("2");
		expect(table.find(texts("a", "b", "c"), integers(-1, -2, -3))).toEqual([
			"3",
			"-2",
			"9",
		]);
	});

	test("is replaced by an import, and exported as it came", () => {
		const table = make();
		table.insert(texts("old"), integers(1));
		table.fill(texts("b", "a"), integers(2, 2n ** 62n));
		const [keys, values] = table.on("LookupTableExportV2");
		expect(shown(keys)).toEqual(["b", "a"]);
		expect(shown(values)).toEqual(["2", String(2n ** 62n)]);
	});

	test("holds vectors", () => {
		const table = open("MutableHashTableOfTensorsV2", {
			...types("string", "float32"),
			value_shape: { dims: [2] },
		});
		table.insert(
			texts("a", "b"),
			tensorFromNumbers("float32", [2, 2], [1, 2, 3, 4]),
		);
		const fallback = tensorFromNumbers("float32", [2], [-1, -2]);
		expect(table.find(texts("b", "?"), fallback)).toEqual([3, 4, -1, -2]);
	});

	test("does not confuse integers beyond 2^53", () => {
		const table = open("MutableHashTableV2", types("int64", "string"));
		const big = 2n ** 53n;
		const keys = integers(big, big + 1n, -big - 1n, -1, 2n ** 63n - 1n);
		table.insert(keys, texts("a", "b", "c", "d", "e"));
		expect(table.find(keys, scalar(texts("?")))).toEqual([
			"a",
			"b",
			"c",
			"d",
			"e",
		]);
		expect(shown(table.on("LookupTableExportV2")[0])).toEqual(
			Array.from(keys.data, String),
		);
	});

	test("refuses values that are not as many as the keys", () => {
		expect(() => make().insert(texts("a", "b"), integers(1))).toThrow(
			/values of shape \[1\].*\[2\] was wanted/,
		);
	});
});

describe("a dense table", () => {
	const number = (value: number) => scalar(integers(value));
	const make = (empty = -1, deleted = -2) =>
		open("MutableDenseHashTableV2", types("int64", "float32"), [
			number(empty),
			number(deleted),
		]);
	const ones = tensorFromNumbers("float32", [1], [1]);

	test("does not take its own two keys", () => {
		const table = make();
		expect(() => table.insert(integers(-1), ones)).toThrow(/empty key/);
		expect(() => table.insert(integers(-2), ones)).toThrow(/deleted key/);
		expect(() => make(5, 5)).toThrow(/the same/);
	});

	test("is filled from its buckets, leaving out the free ones", () => {
		const table = make();
		table.fill(
			{ ...integers(-1, 70, -2, 1), shape: [4, 1] },
			tensorFromNumbers("float32", [4, 1], [0, 7, 0, 1]),
		);
		expect(table.size()).toBe("2");
		const fallback = scalar(tensorFromNumbers("float32", [1], [-1]));
		expect(table.find(integers(1, 70, 3), fallback)).toEqual([1, 7, -1]);
	});

	test("has vectors for keys", () => {
		const table = open("MutableDenseHashTableV2", types("int64", "float32"), [
			integers(-1, 0),
			integers(-2, 0),
		]);
		const keys = { ...integers(1, 23, 12, 3), shape: [2, 2] };
		table.insert(keys, tensorFromNumbers("float32", [2], [5, 6]));
		const asked = { ...integers(12, 3, 1, 2), shape: [2, 2] };
		const fallback = scalar(tensorFromNumbers("float32", [1], [0]));
		expect(table.find(asked, fallback)).toEqual([6, 0]);
		expect(shown(table.on("LookupTableExportV2")[0])).toEqual([
			"1",
			"23",
			"12",
			"3",
		]);
	});
});

test("nodes with one shared name are one table, anonymous ones are new tables", () => {
	const run = aRun();
	const made = (op: string, attrs: Attrs) => {
		const [handle] = runStep(
			op,
			[],
			{ ...types("string", "int64"), ...attrs },
			run,
		);
		return "items" in handle ? handle.items[0] : undefined;
	};
	const a = made("MutableHashTableV2", { shared_name: "t" });
	expect(made("MutableHashTableV2", { shared_name: "t" })).toBe(a);
	expect(made("MutableHashTableV2", { shared_name: "u" })).not.toBe(a);
	const b = made("AnonymousMutableHashTable", {});
	expect(made("AnonymousMutableHashTable", {})).not.toBe(b);
});

describe("a table from a file of lines", () => {
	const folder = mkdtempSync(join(tmpdir(), "mlship-assets-"));
	afterAll(() => rmSync(folder, { recursive: true }));
	const LINE = -2;
	const NUMBER = -1;

	function read(
		content: string,
		key: DType,
		value: DType,
		attrs: Attrs,
		name = join(folder, "lines.txt"),
	): string[] {
		writeFileSync(join(folder, "lines.txt"), content, "latin1");
		const table = open("HashTableV2", types(key, value));
		runStep("InitializeTableFromTextFileV2", [table.handle, texts(name)], {
			_assets: folder,
			...attrs,
		});
		const [keys, values] = table.on("LookupTableExportV2").map(shown);
		return keys.map((found, i) => `${found}=${values[i]}`);
	}

	// answers of TensorFlow 2.21
	test.each<[string, string, DType, DType, Attrs, string[]]>([
		[
			"line and number",
			"a\nb\r\nc\r\r\nd",
			"string",
			"int64",
			{ key_index: LINE, value_index: NUMBER },
			["a=0", "b=1", "c\r=2", "d=3"],
		],
		[
			"the first two lines",
			"a\nb\nc",
			"string",
			"int64",
			{ key_index: LINE, value_index: NUMBER, vocab_size: 2 },
			["a=0", "b=1"],
		],
		[
			"numbers from an offset",
			"a\nb\n",
			"int64",
			"string",
			{ key_index: NUMBER, value_index: LINE, offset: 3 },
			["3=a", "4=b"],
		],
		[
			"columns",
			"a\t1\nb\t 2 \nc\t+3",
			"string",
			"int64",
			{ key_index: 0, value_index: 1 },
			["a=1", "b=2", "c=3"],
		],
		[
			"columns with another delimiter",
			"a,1,x\nb,2,y,z\n",
			"string",
			"string",
			{ key_index: 2, value_index: LINE, delimiter: "," },
			["x=a,1,x", "y=b,2,y,z"],
		],
		[
			"floats",
			"a\t1.5\nb\t1e3\nc\tinf\nd\t nan\n",
			"string",
			"float32",
			{ key_index: 0, value_index: 1 },
			["a=1.5", "b=1000", "c=Infinity", "d=NaN"],
		],
		[
			"whole lines of numbers",
			"1\n2\n",
			"int64",
			"int64",
			{ key_index: LINE, value_index: NUMBER },
			["1=0", "2=1"],
		],
		[
			"all of an int64",
			"a\t9223372036854775807\n",
			"string",
			"int64",
			{ key_index: 0, value_index: 1 },
			["a=9223372036854775807"],
		],
	])("has %s", (_, content, key, value, attrs, wanted) => {
		expect(read(content, key, value, attrs)).toEqual(wanted);
	});

	test.each<[string, string, DType, Attrs, RegExp]>([
		[
			"too few lines",
			"a\nb",
			"int64",
			{ key_index: LINE, value_index: NUMBER, vocab_size: 5 },
			/2 lines, the model wants 5/,
		],
		[
			"an empty line",
			"a\n\nb",
			"int64",
			{ key_index: LINE, value_index: NUMBER },
			/line 2 is empty/,
		],
		[
			"nothing",
			"",
			"int64",
			{ key_index: LINE, value_index: NUMBER },
			/no lines/,
		],
		[
			"a line twice",
			"a\nb\na\n",
			"int64",
			{ key_index: LINE, value_index: NUMBER },
			/the key a comes twice/,
		],
		[
			"too few columns",
			"a\t1\nb\n",
			"int64",
			{ key_index: 0, value_index: 1 },
			/line 2 has 1 columns/,
		],
		[
			"no integer",
			"a\t0x3\n",
			"int64",
			{ key_index: 0, value_index: 1 },
			/"0x3" in line 1 is no int64/,
		],
		[
			"an integer too large",
			"a\t3000000000\n",
			"int32",
			{ key_index: 0, value_index: 1 },
			/no int32/,
		],
		[
			"a type that no text has",
			"a\ttrue\n",
			"bool",
			{ key_index: 0, value_index: 1 },
			/bool/,
		],
		[
			"line numbers of 32 bits",
			"a\n",
			"int32",
			{ key_index: LINE, value_index: NUMBER },
			/int64/,
		],
	])("refuses %s", (_, content, value, attrs, message) => {
		expect(() => read(content, "string", value, attrs)).toThrow(message);
	});

	test.each(["/etc/passwd", "..", ""])("does not read %j", (name) => {
		const attrs = { key_index: LINE, value_index: NUMBER };
		const path = name.startsWith("/") ? name : join(folder, name);
		expect(() => read("a", "string", "int64", attrs, path)).toThrow(
			/not in the folder assets/,
		);
	});
});
