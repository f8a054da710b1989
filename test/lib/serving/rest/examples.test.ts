import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ExampleSchema } from "../../../../src/gen/example_pb.js";
import { decodeExamplesRequest } from "../../../../src/lib/serving/rest/examples.js";

/** Features of a serialized `tf.Example`, each as its kind and values; bytes as text. */
function featuresOf(bytes: Uint8Array): Record<string, unknown> {
	const features = fromBinary(ExampleSchema, bytes).features?.feature ?? {};
	return Object.fromEntries(
		Object.entries(features).map(([name, { kind }]) => [
			name,
			kind.case === undefined
				? "nothing"
				: [
						kind.case,
						...kind.value.value.map((value) =>
							value instanceof Uint8Array
								? Buffer.from(value).toString()
								: value,
						),
					],
		]),
	);
}

function decode(body: string, ...floats: string[]) {
	const request = decodeExamplesRequest(
		Buffer.from(body),
		new Set(floats),
		"strict",
	);
	const { examples, context } = request.examples;
	return {
		signatureName: request.signatureName,
		examples: examples.map(featuresOf),
		context: context && featuresOf(context),
	};
}

describe("decodeExamplesRequest() reads what TensorFlow Serving's tests read (json_tensor_test.cc)", () => {
	test("RequestNoContext", () => {
		const body = `{"examples": [
			{"names": ["foo", "bar"], "ratings": [8.0, 9.0], "age": 20},
			{"names": ["baz"], "ratings": 6.0}
		]}`;
		expect(decode(body)).toEqual({
			signatureName: "",
			context: undefined,
			examples: [
				{
					names: ["bytesList", "foo", "bar"],
					ratings: ["floatList", 8, 9],
					age: ["int64List", 20n],
				},
				{ names: ["bytesList", "baz"], ratings: ["floatList", 6] },
			],
		});
	});

	test("RequestWithContextAndSignature", () => {
		const body = `{
			"signature_name": "custom_signture",
			"context": {"query": "pizza", "location": ["sfo"]},
			"examples": [
				{"names": [{"b64": "aGVsbG8="}, "bar"], "ratings": [8.0, NaN, -Infinity], "is_open": [1, true, false]},
				{"none": []}
			]
		}`;
		expect(decode(body)).toEqual({
			signatureName: "custom_signture",
			context: {
				query: ["bytesList", "pizza"],
				location: ["bytesList", "sfo"],
			},
			examples: [
				{
					names: ["bytesList", "hello", "bar"],
					ratings: ["floatList", 8, NaN, -Infinity],
					is_open: ["int64List", 1n, 1n, 0n],
				},
				{ none: "nothing" },
			],
		});
	});

	test.each([
		["", "JSON Parse error: The document is empty"],
		["[]", "JSON Value: [] Is not object"],
		[
			'{"signature_name": [], "examples": [{}]}',
			`JSON Value: {\n    "signature_name": [],\n    "examples": [{}]\n} not formatted correctly. 'signature_name' key must be a string value.`,
		],
		[
			'{"context": [1], "examples": [{}]}',
			"Example must be JSON object but got JSON Array",
		],
		[
			"{}",
			"JSON Value: {} When method is classify, key 'examples' is expected and was not found",
		],
		[
			'{"examples": {"a": 1}}',
			`JSON Value: {\n    "examples": {\n        "a": 1\n    }\n} Expecting 'examples' value to be an list/array`,
		],
		[
			'{"examples": []}',
			`JSON Value: {\n    "examples": []\n} 'examples' value is an empty array`,
		],
		[
			'{"examples": [[{"a": 1}]]}',
			"Example must be JSON object but got JSON Array",
		],
		[
			'{"examples": [{}, 1]}',
			"Example must be JSON object but got JSON Number",
		],
		[
			'{"examples": [{"a": null}]}',
			"Feature: a has element with unexpected JSON type: Null",
		],
		[
			'{"examples": [{"a": [10, 10.0]}]}',
			"Unexpected element type in feature: a expecting type: int64",
		],
		[
			'{"examples": [{"a": ["x", 10]}]}',
			"Unexpected element type in feature: a expecting type: bytes",
		],
		[
			'{"examples": [{"a": [1.5, true]}]}',
			"Unexpected element type in feature: a expecting type: float",
		],
		[
			'{"examples": [{"a": {"test": 10}}]}',
			"Feature: a has element with unexpected JSON type: Object",
		],
		[
			'{"examples": [{"a": [[10], 20]}]}',
			"Feature: a has element with unexpected JSON type: Array",
		],
		[
			'{"examples": [{"a": 18446744073709551603}]}',
			"Feature: a has uint64_t element. Only int64_t is supported.",
		],
		['{"examples": [{"a": {"b64": "?"}}]}', "Unable to base64 decode"],
	])("JsonErrors: %s", (body, message) => {
		expect(() => decode(body)).toThrowError(
			expect.objectContaining({ code: "INVALID", message }),
		);
	});
});

describe("decodeExamplesRequest() reads numbers as rapidjson does", () => {
	test.each([
		["9223372036854775807", ["int64List", 2n ** 63n - 1n]],
		["-9223372036854775808", ["int64List", -(2n ** 63n)]],
		["-0", ["int64List", 0n]],
		// beyond 64 bits a number is a double, with an exponent too
		["18446744073709551616", ["floatList", 2 ** 64]],
		["1e2", ["floatList", 100]],
		["[1e39, -Inf]", ["floatList", Infinity, -Infinity]],
	])("%s", (value, feature) => {
		expect(decode(`{"examples": [{"a": ${value}}]}`).examples).toEqual([
			{ a: feature },
		]);
	});

	test("takes the last of two features of one name", () => {
		expect(decode('{"examples": [{"a": 1, "a": 2}]}').examples).toEqual([
			{ a: ["int64List", 2n] },
		]);
	});
});

describe("decodeExamplesRequest() makes floats of integers where the model wants floats", () => {
	test("of JavaScript's 2 for 2.0, alone, in lists, in the context", () => {
		const body = `{"context": {"x": 3}, "examples": [{"x": 2, "y": 2}, {"x": [1, 2.5], "y": [true]}]}`;
		expect(decode(body, "x")).toMatchObject({
			context: { x: ["floatList", 3] },
			examples: [
				{ x: ["floatList", 2], y: ["int64List", 2n] },
				{ x: ["floatList", 1, 2.5], y: ["int64List", 1n] },
			],
		});
	});
});
