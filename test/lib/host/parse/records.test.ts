import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Attrs } from "../../../../src/lib/graph/ir.js";
import { tensorOf } from "../../../../src/lib/host/value.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import { example, strings } from "../examples.js";
import { runStep } from "../steps.js";

function run(op: string, inputs: readonly Tensor[], attrs: Attrs = {}) {
	return runStep(op, inputs, attrs).map(tensorOf);
}

function text({ data }: Tensor): string[] {
	return Array.from(data as readonly Uint8Array[], (bytes) =>
		Buffer.from(bytes).toString("latin1"),
	);
}

/** A default of one element, or none. */
function preset(dtype: DType, ...values: (number | string)[]): Tensor {
	return dtype === "string"
		? strings(...(values as string[]))
		: tensorFromNumbers(dtype, [values.length], values as number[]);
}

// answers of TensorFlow 2.21 here and below
describe("lines of comma-separated values", () => {
	const integer = preset("int32", 0);
	const word = preset("string", "d");

	function columns(
		lines: readonly string[],
		defaults: readonly Tensor[],
		attrs: Attrs = {},
	) {
		const records = strings(
			...lines.map((line) => new Uint8Array(Buffer.from(line, "latin1"))),
		);
		const types = defaults.map(({ dtype }) => dtype);
		return run("DecodeCSV", [records, ...defaults], {
			OUT_TYPE: types,
			...attrs,
		}).map((column) =>
			column.dtype === "string"
				? text(column)
				: Array.from(column.data, Number),
		);
	}

	test.each<[string, string[], Tensor[], Attrs, (string | number)[][]]>([
		[
			"quotes",
			['3,"a,""b"""', '1,""'],
			[integer, word],
			{},
			[
				[3, 1],
				['a,"b"', "d"],
			],
		],
		[
			"lines that begin with line breaks",
			["\n\n1,\n2"],
			[integer, integer],
			{},
			[[1], [2]],
		],
		["a last field that is empty", ["1,"], [integer, integer], {}, [[1], [0]]],
		["line breaks in quotes", ['"a\nb"'], [word], {}, [["a\nb"]]],
		[
			"other delimiters",
			["1|2"],
			[integer, integer],
			{ field_delim: "|" },
			[[1], [2]],
		],
		[
			"quotes that mean nothing",
			['"a"|2'],
			[word, integer],
			{ field_delim: "|", use_quote_delim: false },
			[['"a"'], [2]],
		],
		[
			"a word for what is missing",
			["NA,2", "1,NA"],
			[integer, integer],
			{ na_value: "NA" },
			[
				[0, 1],
				[2, 0],
			],
		],
		[
			"some of its columns",
			["a,b,c,d"],
			[word, word],
			{ select_cols: [1, 3] },
			[["b"], ["d"]],
		],
		[
			"columns before a broken one",
			['1,"x'],
			[integer],
			{ select_cols: [0] },
			[[1]],
		],
		["any bytes", ["\xff,b"], [word, word], {}, [["\xff"], ["b"]]],
		[
			"numbers of all kinds",
			[" 5 ,+5,1e3,-INF"],
			[integer, preset("int64", 0), preset("float64", 0), preset("float32", 0)],
			{},
			[[5], [5], [1000], [Number.NEGATIVE_INFINITY]],
		],
	])("may have %s", (_, lines, defaults, attrs, wanted) => {
		expect(columns(lines, defaults, attrs)).toEqual(wanted);
	});

	test.each<[string, string[], Tensor[], RegExp]>([
		[
			"too many fields",
			["1,2", "1,2,3"],
			[integer, integer],
			/record 1: it has 3 fields.*wants 2/,
		],
		["no fields", [""], [integer, integer], /record 0: it has 0 fields/],
		[
			"a field that is required",
			[",1"],
			[preset("int32"), integer],
			/field 0 is required/,
		],
		["no number", ["x"], [integer], /field 0 is no int32: "x"/],
		["a float for an integer", ["5.0"], [integer], /no int32/],
		["a quote inside", ['1"2'], [word], /quote/],
		["a line break inside", ["a\nb"], [word], /line break/],
		["a quote without end", ['"1'], [word], /no end/],
		["something after a quote", ['"a"b'], [word], /not doubled/],
	])("must not have %s", (_, lines, defaults, message) => {
		expect(() => columns(lines, defaults)).toThrow(message);
	});
});

describe("raw bytes", () => {
	const bytes = Uint8Array.of(1, 2, 3, 4);

	test.each<[DType, boolean, number[], number[]]>([
		["uint8", true, [1, 4], [1, 2, 3, 4]],
		["int16", true, [1, 2], [0x0201, 0x0403]],
		["int16", false, [1, 2], [0x0102, 0x0304]],
		["bool", true, [1, 4], [1, 1, 1, 1]],
	])("are %s, little-endian %s", (dtype, little, shape, values) => {
		const attrs = { out_type: dtype, little_endian: little };
		const [decoded] = run("DecodeRaw", [strings(bytes)], attrs);
		expect(decoded.shape).toEqual(shape);
		expect(Array.from(decoded.data, Number)).toEqual(values);
	});

	test("turn round each part of a complex number", () => {
		const parts = new DataView(new ArrayBuffer(8));
		parts.setFloat32(0, 1.5);
		parts.setFloat32(4, -2);
		const attrs = { out_type: "complex64", little_endian: false };
		const input = strings(new Uint8Array(parts.buffer));
		const [decoded] = run("DecodeRaw", [input], attrs);
		expect(decoded).toMatchObject({
			shape: [1, 1],
			data: Float32Array.of(1.5, -2),
		});
	});

	test.each<[string, Tensor, RegExp]>([
		[
			"strings of several lengths",
			strings("abcd", "ab"),
			/element 1 has 2 bytes/,
		],
		["half an element", strings("abc"), /3 bytes as int16/],
	])("refuse %s", (_, input, message) => {
		expect(() => run("DecodeRaw", [input], { out_type: "int16" })).toThrow(
			message,
		);
	});

	test("are cut or filled up to one length", () => {
		const inputs = [
			strings("abc", "abcdef", ""),
			tensorFromNumbers("int32", [], [4]),
		];
		const [decoded] = run("DecodePaddedRaw", inputs, { out_type: "uint8" });
		expect(decoded).toMatchObject({
			shape: [3, 4],
			data: Uint8Array.of(97, 98, 99, 0, 97, 98, 99, 100, 0, 0, 0, 0),
		});
	});

	test.each([0, -2, 3])("have no length of %d", (length) => {
		const inputs = [strings("ab"), tensorFromNumbers("int32", [], [length])];
		expect(() => run("DecodePaddedRaw", inputs, { out_type: "int16" })).toThrow(
			/cannot decode/,
		);
	});
});

describe("compressed strings", () => {
	test.each<[string, Uint8Array]>([
		["ZLIB", deflateSync("hello")],
		["GZIP", gzipSync("hello")],
		["", Buffer.from("hello")],
	])("of type %j are read", (type, bytes) => {
		const attrs = { compression_type: type };
		const [decoded] = run("DecodeCompressed", [strings(bytes)], attrs);
		expect(text(decoded)).toEqual(["hello"]);
	});

	test("that are cut give what they have", () => {
		const cut = deflateSync("hello".repeat(9)).subarray(0, -4);
		const attrs = { compression_type: "ZLIB" };
		const [decoded] = run("DecodeCompressed", [strings(cut)], attrs);
		expect(text(decoded)).toEqual(["hello".repeat(9)]);
	});

	test.each<[string, Uint8Array, string, RegExp]>([
		["no zlib", Buffer.from("raw"), "ZLIB", /string 1 of 2/],
		["another method", Buffer.from("raw"), "LZ", /"LZ"/],
		[
			"a bomb",
			deflateSync(new Uint8Array(2 ** 28 + 1)),
			"ZLIB",
			/string 1 of 2/,
		],
	])("refuse %s", (_, bytes, type, message) => {
		const input = strings(deflateSync(""), bytes);
		expect(() =>
			run("DecodeCompressed", [input], { compression_type: type }),
		).toThrow(message);
	});
});

describe("serialized tensors", () => {
	// TensorProto { dtype: DT_INT64, tensor_shape {}, tensor_content: "\3\0…" }
	const three = Buffer.from("0809120022080300000000000000", "hex");

	test("are written as TensorFlow does", () => {
		const value = tensor("int64", [], BigInt64Array.of(3n));
		const [written] = run("SerializeTensor", [value]);
		expect(Buffer.from(written.data[0] as Uint8Array)).toEqual(three);
	});

	test.each([
		["content", three],
		// int64_val: 3
		["values", Buffer.from("080912005003", "hex")],
	])("are read from their %s", (_, bytes) => {
		const attrs = { out_type: "int64" };
		const [read] = run("ParseTensor", [strings(bytes)], attrs);
		expect(read).toMatchObject({ shape: [], data: BigInt64Array.of(3n) });
	});

	test.each<[string, Uint8Array, RegExp]>([
		["of another type", three, /int64.*wants float32/],
		["that are cut", three.subarray(0, 8), /cannot parse a serialized tensor/],
		["of nothing", new Uint8Array(0), /serialized tensor/],
	])("refuse ones %s", (_, bytes, message) => {
		const attrs = { out_type: "float32" };
		expect(() => run("ParseTensor", [strings(bytes)], attrs)).toThrow(message);
	});
});

describe("examples as JSON", () => {
	const decode = (json: string) =>
		run("DecodeJSONExample", [strings(json)])[0].data[0] as Uint8Array;
	const feature = (list: string) => `{"features":{"feature":{"a":{${list}}}}}`;

	test("become binary, integers one by one as TensorFlow writes them", () => {
		const bytes = decode(
			feature('"int64List":{"value":["5",6,9007199254740993]}'),
		);
		expect(Buffer.from(bytes).toString("hex")).toBe(
			"0a160a140a0161120f1a0d08050806088180808080808010",
		);
	});

	test("may have names as in the .proto file, and bytes in both alphabets", () => {
		expect(decode(feature('"bytes_list":{"value":["YQ==","_-8"]}'))).toEqual(
			decode(feature('"bytesList":{"value":["YQ==","/+8="]}')),
		);
	});

	test("may be empty", () => {
		expect(decode("{}")).toEqual(new Uint8Array(0));
		expect(Buffer.from(decode(feature("")))).toEqual(
			Buffer.from(example({ a: null })),
		);
	});

	test.each([
		["{", /JSON example 0 of 1/],
		["[]", /wanted an object/],
		['{"x":1}', /member "x"/],
		[feature('"int64List":{"value":[1.5]}'), /1.5.*integer/],
		[feature('"int64List":{"value":["9223372036854775808"]}'), /integer/],
		[feature('"floatList":{"value":["x"]}'), /"x".*number/],
		[feature('"bytesList":{"value":["?"]}'), /base64/],
	])("refuse %s", (json, message) => {
		expect(() => decode(json)).toThrow(message);
	});
});
