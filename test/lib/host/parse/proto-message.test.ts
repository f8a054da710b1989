import { create, toBinary } from "@bufbuild/protobuf";
import {
	FileDescriptorSetSchema,
	FieldDescriptorProto_Label as Label,
	FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { NodeDefSchema } from "../../../../src/gen/graph_pb.js";
import { readAttrs } from "../../../../src/lib/graph/attr-values.js";
import { tensorOf } from "../../../../src/lib/host/value.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../../src/lib/tensor/numbers.js";
import { strings } from "../examples.js";
import { runStep } from "../steps.js";

const FIELDS = [
	{
		name: "i",
		number: 1,
		type: Type.INT32,
		label: Label.OPTIONAL,
		defaultValue: "42",
	},
	{ name: "r", number: 2, type: Type.INT32, label: Label.REPEATED },
	{ name: "u", number: 3, type: Type.UINT64, label: Label.OPTIONAL },
	{ name: "z", number: 4, type: Type.SINT64, label: Label.OPTIONAL },
	{ name: "s", number: 5, type: Type.STRING, label: Label.OPTIONAL },
	{
		name: "m",
		number: 6,
		type: Type.MESSAGE,
		typeName: ".p.M",
		label: Label.REPEATED,
	},
	{ name: "d", number: 7, type: Type.DOUBLE, label: Label.REPEATED },
];

/** Long enough for lengths that are no UTF-8. */
const descriptors = toBinary(
	FileDescriptorSetSchema,
	create(FileDescriptorSetSchema, {
		file: [
			{
				name: "t.proto",
				package: "p",
				syntax: "proto2",
				messageType: [{ name: "M", field: FIELDS }],
			},
		],
	}),
);

const SOURCE = Buffer.concat([Buffer.from("bytes://"), descriptors]);

function attrsOf(value: Uint8Array) {
	const node = create(NodeDefSchema, {
		attr: { descriptor_source: { value: { case: "s", value } } },
	});
	return readAttrs(node, undefined, {});
}

function decode(
	messages: Parameters<typeof strings>,
	fields: Readonly<Record<string, DType>>,
	attrs = {},
	source = SOURCE,
) {
	return runStep("DecodeProtoV2", [strings(...messages)], {
		message_type: "p.M",
		field_names: Object.keys(fields),
		output_types: Object.values(fields),
		...attrsOf(source),
		...attrs,
	}).map((value) => {
		const { shape, data } = tensorOf(value);
		return [
			shape,
			Array.from<number | bigint | Uint8Array, string>(data, (element) =>
				typeof element === "object"
					? Buffer.from(element).toString("hex")
					: String(element),
			),
		];
	});
}

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

// answers of TensorFlow 2.21
test("fields are counted, and filled up with their default to the longest", () => {
	// i: -7, r: 1, packed r: 2 and 3; the other message is empty
	const message = hex("08 f9ffffffffffffffff01 10 01 12 02 02 03");
	expect(decode([message, ""], { i: "int32", r: "int32" })).toEqual([
		[
			[2, 2],
			["1", "3", "0", "0"],
		],
		[
			[2, 1],
			["-7", "42"],
		],
		[
			[2, 3],
			["1", "2", "3", "0", "0", "0"],
		],
	]);
});

test("fields have all bits, and messages are bytes", () => {
	// u: 2^64-1, z: -1, s: "x", m { i: 1 }, m {}, i: 1, i: 2
	const message = hex(
		"18 ffffffffffffffffff01 20 01 2a 01 78 32 02 08 01 32 00 08 01 08 02",
	);
	const types: Record<string, DType> = {
		u: "uint64",
		z: "int64",
		s: "string",
		m: "string",
		i: "int64",
	};
	expect(decode([message], types)).toEqual([
		[
			[1, 5],
			["1", "1", "1", "2", "1"],
		],
		[[1, 1], ["18446744073709551615"]],
		[[1, 1], ["-1"]],
		[[1, 1], ["78"]],
		[
			[1, 2],
			["0801", ""],
		],
		[[1, 1], ["2"]],
	]);
});

test("messages may be text", () => {
	const format = { message_format: "text" };
	expect(
		decode(["i: 5 d: 1.5 d: -2"], { i: "int32", d: "float64" }, format),
	).toEqual([
		[
			[1, 2],
			["1", "2"],
		],
		[[1, 1], ["5"]],
		[
			[1, 2],
			["1.5", "-2"],
		],
	]);
});

test.each<[string, string, Record<string, DType>, object, RegExp]>([
	["bytes that are cut", "08", { i: "int32" }, {}, /message 0 of 1 as p.M/],
	[
		"a field that is not there",
		"",
		{ q: "int32" },
		{},
		/field "q": p.M has i, r/,
	],
	["another type", "", { u: "int64" }, {}, /"u" as int64: wanted uint64/],
	[
		"another message",
		"",
		{ i: "int32" },
		{ message_type: "p.N" },
		/no such type/,
	],
])("DecodeProtoV2 refuses %s", (_, bytes, fields, attrs, message) => {
	expect(() => decode([hex(bytes)], fields, attrs)).toThrow(message);
});

test("descriptors outside the model are not read", () => {
	const source = Buffer.from("/etc/descriptors.pb");
	expect(() => decode([""], { i: "int32" }, {}, source)).toThrow(
		expect.objectContaining({ code: "UNSUPPORTED" }),
	);
});

test("fields are encoded in the order of their numbers", () => {
	const sizes = tensorFromNumbers("int32", [2, 3], [2, 1, 1, 0, 0, 1]);
	const values = [
		tensorFromNumbers("int32", [2, 2], [1, 2, 3, 4]),
		{ ...strings("a", "b"), shape: [2, 1] },
		tensorFromNumbers("int64", [2, 1], [-1, 3]),
	];
	const [encoded] = runStep("EncodeProto", [sizes, ...values], {
		...attrsOf(SOURCE),
		message_type: "p.M",
		field_names: ["r", "s", "z"],
	}).map(tensorOf);
	const bytes = encoded.data as readonly Uint8Array[];
	expect(bytes.map((one) => Buffer.from(one).toString("hex"))).toEqual([
		"1001100220012a0161",
		"2006",
	]);
});

test("EncodeProto refuses more values than there are", () => {
	const sizes = tensorFromNumbers("int32", [1, 1], [3]);
	const values = tensorFromNumbers("int32", [1, 2], [1, 2]);
	const attrs = {
		...attrsOf(SOURCE),
		message_type: "p.M",
		field_names: ["r"],
	};
	expect(() => runStep("EncodeProto", [sizes, values], attrs)).toThrow(
		/3 values of field "r" of message 0: 2 are given/,
	);
});
