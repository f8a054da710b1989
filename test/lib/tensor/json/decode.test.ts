import { describe, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { decodePredictRequest } from "../../../../src/lib/tensor/json/decode.js";
import { decode, decodeOne, refusal } from "./requests.js";

describe("decodePredictRequest() goes by TensorFlow Serving's rules", () => {
	test.each([
		['{"signature_name": "late", "instances": [1]}', "late"],
		['{"instances": [1], "signature_name": "late"}', "late"],
		['{"signature_name": "", "instances": [1]}', ""],
		['{"instances": [1], "other": {"signature_name": "inner"}}', ""],
	])("asks for the signature that is named: %s", (body, name) => {
		const asked: string[] = [];
		const request = decodePredictRequest(Buffer.from(body), (signatureName) => {
			asked.push(signatureName);
			return {
				key: signatureName,
				inputs: [{ name: "x", dtype: "int32", shape: undefined }],
			};
		});
		expect(request.signatureName).toBe(name);
		expect(asked.at(-1)).toBe(name);
	});

	test("takes the input's type from a signature that is named after the values", () => {
		const { tensors } = decodePredictRequest(
			Buffer.from('{"inputs": [1, 2], "signature_name": "whole"}'),
			(name) => ({
				key: name,
				inputs: [
					{
						name: "x",
						dtype: name === "whole" ? "int64" : "float32",
						shape: [-1],
					},
				],
			}),
		);
		expect(tensors.x.data).toEqual(BigInt64Array.of(1n, 2n));
	});

	test("reports syntax before anything else, then the signature, then the tensors", () => {
		const noSuch = () => {
			throw fail("NOT_FOUND", "no such signature");
		};
		const message = (body: string) => {
			try {
				decodePredictRequest(Buffer.from(body), noSuch);
			} catch (error) {
				return (error as Error).message;
			}
			return "";
		};
		expect(message('{"instances": ["a"], "x": }')).toBe(
			"JSON Parse error: Invalid value. at offset: 26",
		);
		expect(message('{"instances": ["a"], "signature_name": 1}')).toContain(
			"must be a string value",
		);
		expect(message('{"instances": ["a"], "inputs": 1}')).toBe(
			"no such signature",
		);
	});

	test.each([
		["[1]", "JSON Value: [1] Is not object"],
		["null", "JSON Value: null Is not object"],
		[
			'{"x": 1}',
			`Missing 'inputs' or 'instances' key; signature "serving_default" wants input "x" as float32 of unknown rank`,
		],
		[
			'{"instances": 1}',
			"JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an list/array",
		],
		[
			'{"instances": []}',
			"JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
		],
	])("refuses %s", (body, message) => {
		expect(refusal(body, { x: "float32" })).toMatchObject({
			code: "INVALID",
			message,
		});
	});

	test("ignores what follows the body's object, and a byte order mark", () => {
		const body = '\uFEFF {"instances": [1, 2]} {"instances": ["a"]} ]';
		expect(decodeOne(body, "int8").data).toEqual(Int8Array.of(1, 2));
	});

	test("takes the first of two members of one name", () => {
		const body = '{"inputs": {"x": [1], "x": [2, 3]}, "inputs": {"x": "no"}}';
		expect(decodeOne(body, "int32").data).toEqual(Int32Array.of(1));
		expect(
			decodeOne('{"instances": [{"x": 1, "x": 2}, {"x": 3}]}', "int32").data,
		).toEqual(Int32Array.of(1, 3));
	});

	test("reads names with escapes, and names that come in another order in each row", () => {
		const body = `{"\\u0069nstances": [{"a": 1, "b\\n": 2}, {"b\\u000a": 4, "\\u0061": 3}, {"a": 5, "b\\n": 6}]}`;
		const { tensors } = decode(body, { a: "int32", "b\n": "int32" });
		expect(tensors.a.data).toEqual(Int32Array.of(1, 3, 5));
		expect(tensors["b\n"].data).toEqual(Int32Array.of(2, 4, 6));
	});

	test("skips names in the columnar format that the signature lacks", () => {
		const body = '{"inputs": {"y": {"b64": [null]}, "x": 7, "z": "ab"}}';
		expect(decodeOne(body, "int32")).toEqual({
			dtype: "int32",
			shape: [],
			data: Int32Array.of(7),
		});
	});

	test("gives an empty list the shape that it has", () => {
		expect(decodeOne('{"inputs": []}', "float32").shape).toEqual([0]);
		expect(decodeOne('{"instances": [[], []]}', "float32").shape).toEqual([
			2, 0,
		]);
		expect(decodeOne('{"inputs": [[[]], [[]]]}', "string").shape).toEqual([
			2, 1, 0,
		]);
		expect(decodeOne('{"inputs": []}', "complex64").shape).toEqual([0]);
	});

	test("completes the shape of an empty list from the signature, where that fits", () => {
		const shapeOf = (body: string, declared: number[]) =>
			decodeOne(body, "float32", declared).shape;
		expect(shapeOf('{"inputs": []}', [-1, 3])).toEqual([0, 3]);
		expect(shapeOf('{"inputs": []}', [-1, -1, 2])).toEqual([0, 0, 2]);
		expect(shapeOf('{"instances": [[], []]}', [-1, -1, 4])).toEqual([2, 0, 4]);
		expect(shapeOf('{"instances": [[], []]}', [-1, 3, 4])).toEqual([2, 0]);
		expect(shapeOf('{"inputs": [[]]}', [-1])).toEqual([1, 0]);
	});

	test("takes an empty object for a signature without inputs, and refuses rows for it", () => {
		expect(decode('{"inputs": {}}', {}).tensors).toEqual({});
		expect(refusal('{"instances": [{}]}', {}).message).toContain(
			"Failed to get input map for signature: DEFAULT",
		);
	});
});

describe("decodePredictRequest() names the row, the column and what is wanted", () => {
	test.each<[string, DType, string]>([
		[
			'{"instances": [[1,2],[3,4],[5,6,7]]}',
			"float32",
			'Failed to process element: 2 of \'instances\' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 3; at row 2, column 2: signature "serving_default" wants input "x" as float32 of shape [?,2]',
		],
		[
			'{"instances": [[1,2],[3]]}',
			"float32",
			'Failed to process element: 1 of \'instances\' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1; at row 1, column 1: signature "serving_default" wants input "x" as float32 of shape [?,2]',
		],
		[
			'{"instances": [{"x": [1, null]}]}',
			"float32",
			'Failed to process element: 0 key: x of \'instances\' list. Error: INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: float; at row 0, column 1: signature "serving_default" wants input "x" as float32 of shape [?,2]',
		],
		[
			'{"inputs": [[1,2],[3,true]]}',
			"float32",
			'JSON Value: true Type: True is not of expected type: float; at row 1, column 1: signature "serving_default" wants input "x" as float32 of shape [?,2]',
		],
		[
			'{"inputs": [[1,2],[3]]}',
			"int32",
			'Encountered list at unexpected size: 1 at level: 1 expected size: 2; at row 1, column 1: signature "serving_default" wants input "x" as int32 of shape [?,2]',
		],
		[
			'{"inputs": [[[1],[2]],[[3],[4.5]]]}',
			"int32",
			'JSON Value: 4.5 Type: Number is not of expected type: int32, an integer from -2147483648 to 2147483647; at row 1, column [1,0]: signature "serving_default" wants input "x" as int32 of shape [?,2]',
		],
		[
			'{"inputs": [[1],[[2]]]}',
			"int32",
			'Encountered list at unexpected level: 2 expected < 2; at row 1, column 0: signature "serving_default" wants input "x" as int32 of shape [?,2]',
		],
		[
			'{"inputs": [[1],2]}',
			"int32",
			'JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2; at row 1: signature "serving_default" wants input "x" as int32 of shape [?,2]',
		],
		[
			'{"inputs": "one"}',
			"int32",
			'JSON Value: "one" Type: String is not of expected type: int32; signature "serving_default" wants input "x" as int32 of shape [?,2]',
		],
	])("%s as %s", (body, dtype, message) => {
		expect(refusal(body, { x: dtype }, [-1, 2])).toMatchObject({
			code: "INVALID",
			message,
		});
	});

	test("offers the nearest input for a name that the signature lacks", () => {
		const inputs = { weight: "float32", height: "float32" } as const;
		expect(
			refusal('{"instances": [{"hight": 1, "weight": 2}]}', inputs),
		).toMatchObject({
			code: "INVALID",
			message:
				'Failed to process element: 0 key: hight of \'instances\' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: hight; signature "serving_default" has "height", "weight"',
			at: { row: 0, input: "hight" },
		});
		expect(
			refusal('{"inputs": {"hight": 1, "weight": 2}}', inputs).message,
		).toBe(
			'Missing named input: height in \'inputs\' object. It has "hight"; signature "serving_default" wants input "height" as float32 of unknown rank',
		);
		expect(refusal('{"instances": [{"weight": 2}]}', inputs).message).toBe(
			"Failed to process element: 0 of 'instances' list. JSON object: {\n    \"weight\": 2\n} keys must be equal to: weight,height",
		);
	});

	test.each(['{"instances": [1, 2]}', '{"instances": [{"b64": "AA=="}]}'])(
		"refuses a plain list where several inputs are wanted: %s",
		(body) => {
			expect(refusal(body, { a: "string", b: "string" }).message).toBe(
				'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map; signature "serving_default" has inputs "a", "b"',
			);
		},
	);
});

describe("decodePredictRequest() leaves inputs with a default out", () => {
	const read = (body: string) =>
		decodePredictRequest(Buffer.from(body), () => ({
			key: "serving_default",
			inputs: ["a", "b", "c"].map((name) => ({
				name,
				dtype: "int32" as const,
				shape: [-1],
			})),
			defaults: new Set(["b", "c"]),
		}));

	test.each([
		['{"inputs": {"a": [1]}}', { a: [1] }],
		['{"inputs": {"a": [1], "c": [3]}}', { a: [1], c: [3] }],
		['{"instances": [{"a": 1}, {"a": 2}]}', { a: [1, 2] }],
		[
			'{"instances": [{"a": 1, "b": 3}, {"b": 4, "a": 2}]}',
			{ a: [1, 2], b: [3, 4] },
		],
	])("in %s", (body, expected) => {
		const { tensors } = read(body);
		const values = Object.entries(tensors).map(([name, { data }]) => [
			name,
			Array.from(data as Int32Array),
		]);
		expect(Object.fromEntries(values)).toEqual(expected);
	});

	test.each([
		['{"inputs": {"b": [1]}}', "Missing named input: a in 'inputs' object."],
		['{"instances": [{"b": 1}]}', "keys must be equal to: a,b"],
		[
			'{"instances": [{"a": 1, "b": 1}, {"a": 2}]}',
			"Failed to process element: 1 of 'instances' list. JSON object: {",
		],
		['{"instances": [{"a": 1}, {"a": 2, "b": 1}]}', "keys must be equal to: a"],
		[
			'{"instances": [{"a": 1}, {"a": 2}, {"b": 1}]}',
			"keys must be equal to: a",
		],
	])("and nothing else: %s", (body, words) => {
		expect(() => read(body)).toThrowError(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(words),
			}),
		);
	});
});
