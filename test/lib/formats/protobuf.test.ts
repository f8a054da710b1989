import { readFileSync } from "node:fs";
import { create, fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { BundleEntryProtoSchema } from "../../../src/gen/checkpoint_pb.js";
import {
	type AttrValue,
	AttrValueSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../../src/gen/graph_pb.js";
import {
	MetaGraphDefSchema,
	SavedModelSchema,
	SaverDefSchema,
	StructuredValueSchema,
} from "../../../src/gen/saved_model_pb.js";
import { TensorProtoSchema } from "../../../src/gen/tensor_pb.js";
import { decodeMessage, mapEntry } from "../../../src/lib/formats/protobuf.js";
import { bytes } from "../../bytes.js";

describe("mapEntry()", () => {
	const wire = bytes`
		2a 07 0a 01 61 12 02 18 01    // a: i 1
		2a 04 0a 01 62 ff             // b: broken
		2a 07 12 02 18 03 0a 01 63    // c: i 3, value first
		2a 07 0a 01 61 12 02 18 02    // a: i 2`;
	const at = (node: NodeDef, key: string) =>
		(mapEntry(node, "attr", key) as AttrValue | undefined)?.value.value;

	test("reads the last entry of a key, and none of the others", () => {
		const node = decodeMessage(NodeDefSchema, wire);
		expect([at(node, "a"), at(node, "c")]).toEqual([2n, 3n]);
		expect(at(node, "d")).toBeUndefined();
		expect(() => node.attr).toThrow("a number at");
	});

	test("reads maps that are decoded already, and those of other messages", () => {
		const whole = decodeMessage(NodeDefSchema, wire.subarray(0, 9));
		expect(Object.keys(whole.attr)).toEqual(["a"]);
		expect(at(whole, "a")).toBe(1n);
		const made = create(NodeDefSchema, {
			attr: { a: { value: { case: "i", value: 5n } } },
		});
		expect(at(made, "a")).toBe(5n);
		expect(at(made, "constructor")).toBeUndefined();
		expect(at(decodeMessage(NodeDefSchema, bytes``), "a")).toBeUndefined();
	});
});

describe("decodeMessage()", () => {
	test.each([
		"digits/1",
		"tensorflow/half_plus_two/00000123",
		"tensorflow-serving/saved_model_half_plus_two_tf2_cpu/00000123",
		"text/1",
	])("decodes the SavedModel %s as protobuf-es does", (model) => {
		const file = Uint8Array.from(
			readFileSync(`fixtures/models/${model}/saved_model.pb`),
		);
		expect(decodeMessage(SavedModelSchema, file)).toEqual(
			fromBinary(SavedModelSchema, file, { readUnknownFields: false }),
		);
	});

	test("decodes an empty message to its defaults", () => {
		expect(decodeMessage(SaverDefSchema, bytes``)).toEqual(
			fromBinary(SaverDefSchema, bytes``),
		);
	});

	// Each tensor has the type of its values in the name of the field that holds them (tensor.proto).
	test.each([
		["packed floats", bytes`2a 08 0000803f 000000c0`, { floatVal: [1, -2] }],
		["single floats", bytes`2d 0000803f 2d 000000c0`, { floatVal: [1, -2] }],
		["doubles", bytes`32 08 000000000000f83f`, { doubleVal: [1.5] }],
		[
			"negative integers of 32 bits",
			bytes`3a 0a ffffffffffffffffff01`,
			{ intVal: [-1] },
		],
		[
			"integers of 64 bits",
			bytes`52 0b 01 80808080808080808001`,
			{ int64Val: [1n, -(2n ** 63n)] },
		],
		[
			"bools",
			bytes`5a 0c 00 01 80808080808080808001`,
			{ boolVal: [false, true, true] },
		],
		[
			"unsigned integers of 32 bits",
			bytes`8201 05 ffffffff0f`,
			{ uint32Val: [2 ** 32 - 1] },
		],
		[
			"unsigned integers of 64 bits",
			bytes`8a01 0a ffffffffffffffffff01`,
			{ uint64Val: [2n ** 64n - 1n] },
		],
		[
			"bytes and strings",
			bytes`42 02 00ff 42 00`,
			{ stringVal: [bytes`00ff`, bytes``] },
		],
	])("decodes %s", (_, message, expected) => {
		const decoded = decodeMessage(TensorProtoSchema, message);
		expect(decoded).toMatchObject(expected);
		expect(decoded).toEqual(fromBinary(TensorProtoSchema, message));
	});

	test("decodes zigzag and fixed integers", () => {
		// int64_value is field 12, a sint64: zigzag 3 is -2
		expect(decodeMessage(StructuredValueSchema, bytes`60 03`).kind.value).toBe(
			-2n,
		);
		expect(
			decodeMessage(StructuredValueSchema, bytes`60 ffffffffffffffffff01`).kind
				.value,
		).toBe(-(2n ** 63n));
		expect(
			decodeMessage(BundleEntryProtoSchema, bytes`35 ffffffff`).crc32c,
		).toBe(2 ** 32 - 1);
	});

	test("merges a message that comes twice, and keeps the last of a oneof", () => {
		const twice = bytes`12 06 12 04 0802 1a00   12 05 12 03 08 80 01`;
		expect(decodeMessage(TensorProtoSchema, twice)).toEqual(
			fromBinary(TensorProtoSchema, twice, { readUnknownFields: false }),
		);
		expect(decodeMessage(AttrValueSchema, bytes`18 05 28 01`).value).toEqual({
			case: "b",
			value: true,
		});
	});

	test("skips unknown fields and those of another wire type", () => {
		const odd = bytes`
			a0 06 07                    // field 100: a number
			a1 06 0011223344556677      // fixed64
			a2 06 02 aabb               // bytes
			a5 06 00112233              // fixed32
			a3 06 08 01 13 0a 01 ff 14 a4 06   // a group with a group in it
			08 07                       // name as a number: not a string
			0a 01 61                    // name: a`;
		expect(decodeMessage(NodeDefSchema, odd).name).toBe("a");
	});

	test("reads a map's entries when they are asked for, and keeps the last of a key", () => {
		const node = decodeMessage(
			NodeDefSchema,
			bytes`
				2a 07 0a 01 61 12 02 18 01    // a: i 1
				2a 05 0a 01 62 12 00          // b: nothing
				2a 07 12 02 18 03 0a 01 61    // a: i 3, value first
				2a 03 0a 01 63                // c without a value
				2a 04 12 02 18 04             // a value without a key`,
		);
		expect(
			Object.entries(node.attr).map(([key, { value }]) => [key, value.value]),
		).toEqual([
			["a", 3n],
			["b", undefined],
			["c", undefined],
			["", 4n],
		]);
		expect({ ...node }.attr).toBe(node.attr);
	});

	test("lets a map be replaced", () => {
		const node = decodeMessage(NodeDefSchema, bytes`2a 03 0a 01 61`);
		node.attr = {};
		expect(node.attr).toEqual({});
		expect(decodeMessage(NodeDefSchema, bytes``).attr).toEqual({});
	});

	test('keeps an entry "__proto__" from becoming the prototype', () => {
		const { signatureDef } = decodeMessage(
			MetaGraphDefSchema,
			bytes`2a 0d 0a 09 5f5f70726f746f5f5f 12 00`,
		);
		expect(Object.getPrototypeOf(signatureDef)).toBe(Object.prototype);
		expect(Object.keys(signatureDef)).toEqual(["__proto__"]);
	});

	test.each([
		[
			"a string is cut",
			bytes`0a 05 6161`,
			"a field at 1 needs 5 bytes, 2 remain",
		],
		[
			"a nested message leads out of the one around it",
			bytes`12 02 12 09 0802`,
			"a field at 3 needs 9 bytes, 0 remain",
		],
		["a tag is cut", bytes`80`, "a number at 0 is cut"],
		[
			"a number is too long",
			bytes`08 ffffffffffffffffffffff`,
			"a number at 1 has more than 10 bytes",
		],
		[
			"a fixed value is cut",
			bytes`2d 0000`,
			"a value at 1 needs 4 bytes, 2 remain",
		],
		[
			"a length is beyond 32 bits",
			bytes`22 8080808010`,
			"a field at 1 needs 4294967296 bytes, 0 remain",
		],
		[
			"a wire type does not exist",
			bytes`0f`,
			"a field before 1 has wire type 7",
		],
		["a group does not end", bytes`0b`, "a number at 1 is cut"],
	])("fails with CORRUPT where %s", (_, message, reason) => {
		expect(() => decodeMessage(TensorProtoSchema, message, "a.pb")).toThrow(
			expect.objectContaining({
				code: "CORRUPT",
				message: `cannot read a.pb: ${reason}`,
			}),
		);
	});

	test("fails with CORRUPT where a map turns out broken later", () => {
		const node = decodeMessage(NodeDefSchema, bytes`2a 03 0a 05 61`, "a.pb");
		expect(() => node.attr).toThrow(
			"cannot read a.pb: a field at 3 needs 5 bytes, 1 remain",
		);
	});

	test("fails with CORRUPT for nesting that would exhaust the stack", () => {
		let nested: Uint8Array = bytes``;
		// list_value (51): values (1)
		for (let i = 0; i < 300; i++) {
			const inner = Buffer.concat([bytes`0a`, length(nested), nested]);
			nested = Buffer.concat([bytes`9a03`, length(inner), inner]);
		}
		expect(() => decodeMessage(StructuredValueSchema, nested)).toThrow(
			"messages are nested more than 100 deep",
		);
		expect(() =>
			decodeMessage(SaverDefSchema, new Uint8Array(500).fill(0x7b)),
		).toThrow("messages are nested more than 100 deep");
	});
});

function length({ length: count }: Uint8Array): Uint8Array {
	return count < 128
		? Uint8Array.of(count)
		: Uint8Array.of((count & 127) | 128, count >> 7);
}
