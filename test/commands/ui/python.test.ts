import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
	pythonRepr,
	pythonStr,
	pythonType,
	stringRepr,
} from "../../../src/commands/ui/python.js";
import { StructuredValueSchema } from "../../../src/gen/saved_model_pb.js";
import { DataType } from "../../../src/gen/tensor_pb.js";

type Kind = NonNullable<MessageInitShape<typeof StructuredValueSchema>["kind"]>;

const value = (kind: Kind) => create(StructuredValueSchema, { kind });

describe("stringRepr()", () => {
	// as Python 3.11 prints them
	test.each([
		["plain", "'plain'"],
		["it's", `"it's"`],
		['say "x"', `'say "x"'`],
		[`'"`, `'\\'"'`],
		["a\\b\n\t\r\x00\x7f", "'a\\\\b\\n\\t\\r\\x00\\x7f'"],
		["ü☃", "'ü☃'"],
	])("of %j", (text, expected) => {
		expect(stringRepr(text)).toBe(expected);
	});
});

describe("pythonRepr()", () => {
	// as Python 3.11 prints them
	test.each([
		[0.1, "0.1"],
		[2, "2.0"],
		[-0, "-0.0"],
		[1e16, "1e+16"],
		[123456789012345680, "1.2345678901234568e+17"],
		[9007199254740992, "9007199254740992.0"],
		[0.0001, "0.0001"],
		[0.00001, "1e-05"],
		[1.5e-10, "1.5e-10"],
		[1e100, "1e+100"],
		[Number.NaN, "nan"],
		[Number.POSITIVE_INFINITY, "inf"],
		[Number.NEGATIVE_INFINITY, "-inf"],
	])("writes the float %d as %s", (number, expected) => {
		expect(pythonRepr(value({ case: "float64Value", value: number }))).toBe(
			expected,
		);
	});

	// The other kinds are in fixtures/compat/functions.txt; these saved_model_cli prints only inside containers.
	test.each([
		[
			{ case: "tensorDtypeValue", value: DataType.DT_FLOAT },
			"tf.float32",
			"<dtype: 'float32'>",
			"DType",
		],
		[
			{
				case: "tensorShapeValue",
				value: { dim: [{ size: -1n }, { size: 3n }] },
			},
			"TensorShape([None, 3])",
			"(None, 3)",
			"TensorShape",
		],
		[
			{ case: "tensorShapeValue", value: { dim: [{ size: 3n }] } },
			"TensorShape([3])",
			"(3,)",
			"TensorShape",
		],
		[
			{ case: "tensorShapeValue", value: { unknownRank: true } },
			"TensorShape(None)",
			"<unknown>",
			"TensorShape",
		],
		[{ case: "stringValue", value: "a" }, "'a'", "a", "str"],
		[{ case: "int64Value", value: -3n }, "-3", "-3", "int"],
		[{ case: "noneValue", value: {} }, "None", "None", "NoneType"],
		[
			{
				case: "tupleValue",
				value: { values: [{ kind: { case: "boolValue", value: true } }] },
			},
			"(True,)",
			"(True,)",
			"tuple",
		],
		[
			{
				case: "dictValue",
				value: { fields: { k: { kind: { case: "stringValue", value: "v" } } } },
			},
			"{'k': 'v'}",
			"{'k': 'v'}",
			"dict",
		],
	] as [Kind, string, string, string][])(
		"prints %o",
		(kind, repr, str, type) => {
			expect(pythonRepr(value(kind))).toBe(repr);
			expect(pythonStr(value(kind))).toBe(str);
			expect(pythonType(value(kind))).toBe(type);
		},
	);
});
