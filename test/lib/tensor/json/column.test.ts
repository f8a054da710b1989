import { describe, expect, test } from "vitest";
import { decode, decodeOne, refusal, texts } from "./requests.js";

/** IEEE 754 bits: binary16 is 1+5+10, bfloat16 the upper half of binary32. */
describe("openColumn() takes the types that upstream refuses", () => {
	test("float16", () => {
		const { data } = decodeOne(
			'{"inputs": [0, -1.5, 65504, 65520, 1e-8, 0.1, NaN, -Infinity]}',
			"float16",
		);
		expect(data).toEqual(
			Uint16Array.of(0, 0xbe00, 0x7bff, 0x7c00, 0, 0x2e66, 0x7e00, 0xfc00),
		);
	});

	test("float16, rounded once: 1 + 2^-11 + 2^-30 is above the middle, which float32 loses", () => {
		const { data } = decodeOne(
			'{"inputs": [1.00048828218132257, 1]}',
			"float16",
		);
		expect(data).toEqual(Uint16Array.of(0x3c01, 0x3c00));
	});

	test("bfloat16", () => {
		const { data } = decodeOne(
			'{"inputs": [0, 1.5, -3.00405527047391e+38, 1e39, 3.140625]}',
			"bfloat16",
		);
		expect(data).toEqual(Uint16Array.of(0, 0x3fc0, 0xff62, 0x7f80, 0x4049));
	});

	test("complex numbers, as [re, im]", () => {
		const body = '{"instances": [[[1, 2], [3, -4.5]], [[0, NaN], [5e-1, 6]]]}';
		expect(decodeOne(body, "complex64")).toEqual({
			dtype: "complex64",
			shape: [2, 2],
			data: Float32Array.of(1, 2, 3, -4.5, 0, NaN, 0.5, 6),
		});
		expect(decodeOne('{"inputs": [0.1, 0.2]}', "complex128")).toEqual({
			dtype: "complex128",
			shape: [],
			data: Float64Array.of(0.1, 0.2),
		});
	});

	test.each([
		[
			'{"inputs": [1, 2, 3]}',
			"Expecting complex64 numbers as lists [re, im] but got: lists of size 3",
		],
		[
			'{"inputs": 1}',
			"Expecting complex64 numbers as lists [re, im] but got: a number",
		],
	])("complex numbers, and nothing else: %s", (body, words) => {
		expect(refusal(body, { x: "complex64" })).toMatchObject({
			code: "INVALID",
			message: expect.stringContaining(words),
		});
	});

	test.each(["resource", "variant"] as const)("but no %s", (dtype) => {
		expect(refusal('{"inputs": [1]}', { x: dtype })).toMatchObject({
			code: "UNSUPPORTED",
			message: expect.stringContaining(
				`Conversion of JSON Value: 1 to type: ${dtype}`,
			),
		});
		// upstream wraps an error of a row in INVALID_ARGUMENT
		expect(refusal('{"instances": [1]}', { x: dtype })).toMatchObject({
			code: "INVALID",
			message: expect.stringContaining(
				`Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED: Conversion of JSON Value: 1 to type: ${dtype}`,
			),
		});
	});
});

describe("openColumn() takes booleans", () => {
	test("as words", () => {
		expect(decodeOne('{"inputs": [true, false , true]}', "bool").data).toEqual(
			Uint8Array.of(1, 0, 1),
		);
	});

	test.each(["1", "0", '"true"', "null"])("not as %s", (value) => {
		expect(refusal(`{"inputs": [${value}]}`, { x: "bool" }).message).toContain(
			"is not of expected type: bool",
		);
	});
});

describe("openColumn() takes strings", () => {
	test("with escapes, as UTF-8", () => {
		const tensor = decodeOne(
			String.raw`{"inputs": ["", "a\"\\\/\b\f\n\r\t", "\u00e9\u20AC", "\uD83D\uDE00", "naïve €"]}`,
			"string",
		);
		expect(texts(tensor)).toEqual([
			"",
			'a"\\/\b\f\n\r\t',
			"é€",
			"😀",
			"naïve €",
		]);
	});

	test("with any bytes, and zero by its escape", () => {
		const body = Buffer.concat([
			Buffer.from('{"inputs": "'),
			Buffer.of(0xff, 0x80),
			Buffer.from('\\u0000\\udc00"}'),
		]);
		// a lone low surrogate becomes three bytes, as rapidjson's UTF8::Encode writes it
		expect(
			(
				decode(body, { x: "string" }).tensors.x.data as readonly Uint8Array[]
			).map((bytes) => [...bytes]),
		).toEqual([[0xff, 0x80, 0, 0xed, 0xb0, 0x80]]);
	});

	test.each(["1", "1.5", "true", "null"])("not made from %s", (value) => {
		expect(
			refusal(`{"inputs": [${value}]}`, { x: "string" }).message,
		).toContain("is not of expected type: string");
	});
});

describe("openColumn() takes base64", () => {
	test.each([
		["", ""],
		["aGVsbG8=", "hello"],
		["aGVsbG8", "hello"],
		["aGVs bG8=\\n", "hello"],
		["dGY=", "tf"],
		["dGY", "tf"],
		["d2U\\/", "we?"],
		["\\u0064GY=", "tf"],
	])('{"b64": "%s"}', (content, text) => {
		expect(
			texts(decodeOne(`{"inputs": [{"b64": "${content}"}]}`, "string")),
		).toEqual([text]);
	});

	test.each(["_-8=", "aGVsbG8==", "a", "aGVsb", "=", "a=Gk", "aGk.", "é"])(
		"but not %s",
		(content) => {
			expect(
				refusal(`{"inputs": [{"b64": "${content}"}]}`, { x: "string" }).message,
			).toContain("Unable to base64 decode");
		},
	);

	test.each([
		'{"b64": 1}',
		'{"b64": "aGk=", "more": 1}',
		'{"B64": "aGk="}',
		"{}",
	])("not from %s", (object) => {
		expect(refusal(`{"inputs": [${object}]}`, { x: "string" })).toMatchObject({
			code: "INVALID",
			message: expect.stringContaining(
				"not formatted correctly for base64 data",
			),
		});
	});

	test("for strings only", () => {
		expect(
			refusal('{"inputs": [{"b64": "aGk="}]}', { x: "float32" }).message,
		).toContain(
			'JSON Value: {\n    "b64": "aGk="\n} Type: Object is not of expected type: float',
		);
	});
});
