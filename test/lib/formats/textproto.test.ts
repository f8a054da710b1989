import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
	AttrValueSchema,
	GraphDefSchema,
	NodeDefSchema,
} from "../../../src/gen/graph_pb.js";
import {
	type Any,
	AnySchema,
	AssetFileDefSchema,
	SaverDefSchema,
	StructuredValueSchema,
} from "../../../src/gen/saved_model_pb.js";
import { DataType, TensorProtoSchema } from "../../../src/gen/tensor_pb.js";
import { decodeMessage } from "../../../src/lib/formats/protobuf.js";
import { parseTextProto } from "../../../src/lib/formats/textproto.js";
import { bytes } from "../../bytes.js";

const STRICT = { source: "models.config", unknownFields: "reject" } as const;
const LENIENT = { source: "saved_model.pbtxt", unknownFields: "skip" } as const;

describe("parseTextProto()", () => {
	test("reads scalars, with or without separators and comments", () => {
		const text = `# a comment
			filename_tensor_name: "save/Const:0", save_tensor_name: 'it' ; restore_op_name : "a" "b" 'c'
			max_to_keep: -5 sharded: true # another
			keep_checkpoint_every_n_hours: 1.5e3f version: V2`;
		expect(parseTextProto(SaverDefSchema, text, STRICT)).toEqual(
			create(SaverDefSchema, {
				filenameTensorName: "save/Const:0",
				saveTensorName: "it",
				restoreOpName: "abc",
				maxToKeep: -5,
				sharded: true,
				keepCheckpointEveryNHours: 1500,
				version: 2,
			}),
		);
	});

	test.each([
		"tensor_shape { dim { size: 2 } dim { size: -1 } }",
		"tensor_shape: < dim: < size: 2 > dim: { size: - 1; } >",
		"tensor_shape { dim [ { size: 0x2 }, { size: -01 } ] }",
	])("reads nested messages as in %s", (text) => {
		const { tensorShape } = parseTextProto(TensorProtoSchema, text, STRICT);
		expect(tensorShape?.dim.map(({ size }) => size)).toEqual([2n, -1n]);
	});

	test("reads lists item by item, in brackets, and both", () => {
		const text =
			"float_val: 1 float_val: [-inf, nan, .5] float_val: [] int_val: [1]";
		const { floatVal, intVal } = parseTextProto(
			TensorProtoSchema,
			text,
			STRICT,
		);
		expect(floatVal).toEqual([1, Number.NEGATIVE_INFINITY, Number.NaN, 0.5]);
		expect(intVal).toEqual([1]);
	});

	test("reads maps as repeated entries, in any order of key and value", () => {
		const text = `name: "n"
			attr { key: "T" value { type: DT_FLOAT } }
			attr { value: { i: 7 } key: "N" }
			attr [{ key: "empty" }]`;
		const { attr } = parseTextProto(NodeDefSchema, text, STRICT);
		expect(Object.keys(attr)).toEqual(["T", "N", "empty"]);
		expect(attr.T.value).toEqual({ case: "type", value: DataType.DT_FLOAT });
		expect(attr.N.value).toEqual({ case: "i", value: 7n });
		expect(attr.empty.value.case).toBeUndefined();
	});

	test("reads C escapes and UTF-8 into bytes", () => {
		const text = String.raw`s: "\a\b\f\n\r\t\v\\\'\"\? \0 \101 \377 \x41\xff ü \u00fc \U0001F600"`;
		const { value } = parseTextProto(AttrValueSchema, text, STRICT);
		expect(Uint8Array.from(value.value as Uint8Array)).toEqual(
			bytes`07 08 0c 0a 0d 09 0b 5c 27 22 3f 20 00 20 41 20 ff 20 41 ff 20
				c3bc 20 c3bc 20 f09f9880`,
		);
	});

	test("reads integers of 64 bits, octal and hexadecimal ones", () => {
		const text =
			"int64_val: [9223372036854775807, -9223372036854775808, 0xff, 017, 0] uint64_val: 18446744073709551615";
		const tensor = parseTextProto(TensorProtoSchema, text, STRICT);
		expect(tensor.int64Val).toEqual([
			2n ** 63n - 1n,
			-(2n ** 63n),
			255n,
			15n,
			0n,
		]);
		expect(tensor.uint64Val).toEqual([2n ** 64n - 1n]);
	});

	test("takes an enum's value by name or number, and a bool in its short forms", () => {
		const text = "list { type: DT_INT32 type: 7 b: [t, False, 1] }";
		const { value } = parseTextProto(AttrValueSchema, text, STRICT);
		expect(value.value).toMatchObject({
			type: [DataType.DT_INT32, DataType.DT_STRING],
			b: [true, false, true],
		});
	});

	test("skips unknown fields of every form where it is told to", () => {
		const text = `stripped { op { name: "Add" kinds: [A, B] nested < x: -1.5 y [ { z: 1 } ] > } }
			[some.extension]: 7
			odd: "a" 'b'
			restore_op_name: "kept"`;
		expect(parseTextProto(SaverDefSchema, text, LENIENT).restoreOpName).toBe(
			"kept",
		);
	});

	test("packs a message that stands expanded in an Any", () => {
		const text = `[type.googleapis.com/tensorflow.AssetFileDef] { tensor_info { name: "Const:0" } filename: "foo.txt" }`;
		const any: Any = parseTextProto(AnySchema, text, {
			...STRICT,
			anyTypes: [AssetFileDefSchema],
		});
		expect(any.typeUrl).toBe("type.googleapis.com/tensorflow.AssetFileDef");
		const asset = decodeMessage(AssetFileDefSchema, any.value);
		expect(asset.filename).toBe("foo.txt");
		expect(asset.tensorInfo?.encoding.value).toBe("Const:0");
	});

	test("reads a string of megabytes", () => {
		const long = "ab\\n".repeat(1_000_000);
		const { value } = parseTextProto(AttrValueSchema, `s: "${long}"`, STRICT);
		expect((value.value as Uint8Array).length).toBe(3_000_000);
	});

	test.each([
		[
			"an unknown field",
			'restore_op: "a"',
			'line 1, column 1: SaverDef has no field "restore_op", nearest are "restore_op_name", "version", "max_to_keep", "sharded", "save_tensor_name"',
		],
		[
			"a field given twice",
			"version: V2\nversion: V1",
			'line 2, column 1: field "version" is given twice',
		],
		[
			"a missing colon",
			'restore_op_name "a"',
			'line 1, column 17: found "\\"a\\"", wanted ":"',
		],
		[
			"a missing value",
			"max_to_keep:",
			"line 1, column 13: found the end, wanted an integer",
		],
		[
			"a wrong kind of value",
			"max_to_keep: x",
			'line 1, column 14: found "x", wanted an integer',
		],
		[
			"a number with a tail",
			"max_to_keep: 12x",
			'line 1, column 14: found "1", which begins nothing',
		],
		[
			"a fraction for an integer",
			"max_to_keep: 1.5",
			'line 1, column 14: found "1.5", wanted an integer',
		],
		[
			"no octal number",
			"max_to_keep: 09",
			'line 1, column 14: found "09", wanted an octal integer',
		],
		[
			"an unknown name of an enum",
			"version: V3",
			'line 1, column 10: found "V3", wanted a CheckpointFormatVersion: "V1", "V2", "LEGACY"',
		],
		[
			"a wrong bool",
			"sharded: yes",
			'line 1, column 10: found "yes", wanted true or false',
		],
		[
			"a string without end",
			'restore_op_name: "a\n"',
			"line 1, column 18: a string does not end on its line",
		],
		[
			"an unknown escape",
			String.raw`restore_op_name: "\q"`,
			"line 1, column 18: a string holds an escape that the format does not have",
		],
		[
			"a closing brace too many",
			"}",
			'line 1, column 1: found "}", wanted a field name',
		],
		[
			"another character",
			"§",
			'line 1, column 1: found "§", which begins nothing',
		],
	])("fails with INVALID for %s, and says where", (_, text, reason) => {
		expect(() => parseTextProto(SaverDefSchema, text, STRICT)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: `cannot read models.config: ${reason}`,
			}),
		);
	});

	test.each([
		["max_to_keep: 2147483648", "int32"],
		["max_to_keep: -2147483649", "int32"],
	])("fails with INVALID for %s, which is out of range", (text, type) => {
		expect(() => parseTextProto(SaverDefSchema, text, STRICT)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(type),
			}),
		);
	});

	test("fails with INVALID where a message does not end", () => {
		expect(() =>
			parseTextProto(GraphDefSchema, "node { name: 'a'", STRICT),
		).toThrow("line 1, column 17: found the end, wanted a field name");
	});

	test("fails with INVALID for nesting beyond any real file", () => {
		const deep = (field: string) =>
			`${`${field} { `.repeat(5000)}${"} ".repeat(5000)}`;
		expect(() =>
			parseTextProto(
				StructuredValueSchema,
				deep("list_value { values"),
				STRICT,
			),
		).toThrow(/nested more than 100 deep/);
		expect(() =>
			parseTextProto(SaverDefSchema, deep("unknown"), LENIENT),
		).toThrow(/nested more than 100 deep/);
	});
});
