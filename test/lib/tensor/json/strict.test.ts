import { describe, expect, test } from "vitest";
import { MlshipError } from "../../../../src/lib/errors.js";
import type { DType } from "../../../../src/lib/tensor/dtype.js";
import { debugText } from "../../../../src/lib/tensor/json/debug-text.js";
import { decodePredictRequest } from "../../../../src/lib/tensor/json/decode.js";
import { encodePredictResponse } from "../../../../src/lib/tensor/json/encode.js";
import type { PredictRequest } from "../../../../src/lib/tensor/json/request.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import type { Inputs } from "./requests.js";

// The texts are put together from TensorFlow Serving's source (json_tensor.cc) and rapidjson's (error/en.h, prettywriter.h).

const STRICT = { compat: "strict" } as const;

function decode(body: string, inputs: Inputs): PredictRequest {
	const ports = Object.entries(inputs).map(([name, dtype]) => ({
		name,
		dtype,
		shape: undefined,
	}));
	const signature = { key: "serving_default", inputs: ports };
	return decodePredictRequest(Buffer.from(body), () => signature, STRICT);
}

/** The code and TensorFlow Serving's words of what decoding fails with. */
function refusal(body: string, inputs: Inputs): [string, string] {
	try {
		decode(body, inputs);
	} catch (error) {
		if (error instanceof MlshipError) return [error.code, error.upstream];
		throw error;
	}
	throw new Error(`nothing was wrong with ${body}`);
}

describe("decodePredictRequest() keeps to the letter of upstream's errors", () => {
	test.each<[string, Inputs, string]>([
		["", { x: "float32" }, "JSON Parse error: The document is empty"],
		[
			" ",
			{ x: "float32" },
			"JSON Parse error: The document is empty. at offset: 1",
		],
		[
			"instances = [1, 2]",
			{ x: "float32" },
			"JSON Parse error: Invalid value. at offset: 0",
		],
		[
			'{"instances": [1, }',
			{ x: "float32" },
			"JSON Parse error: Invalid value. at offset: 18",
		],
		[
			'{"instances": [1 2]}',
			{ x: "float32" },
			"JSON Parse error: Missing a comma or ']' after an array element. at offset: 17",
		],
		[
			'{"instances" [1]}',
			{ x: "float32" },
			"JSON Parse error: Missing a colon after a name of object member. at offset: 13",
		],
		[
			"{instances: [1]}",
			{ x: "float32" },
			"JSON Parse error: Missing a name for object member. at offset: 1",
		],
		[
			'{"instances": [1.]}',
			{ x: "float32" },
			"JSON Parse error: Miss fraction part in number. at offset: 17",
		],
		[
			'{"a": "b',
			{ x: "float32" },
			"JSON Parse error: Missing a closing quotation mark in string. at offset: 8",
		],
		["[1]", { x: "float32" }, "JSON Value: [1] Is not object"],
		[
			'{"signature_name": 5}',
			{ x: "float32" },
			"JSON Value: {\n    \"signature_name\": 5\n} not formatted correctly. 'signature_name' key must be a string value.",
		],
		[
			'{"inputs": 1, "instances": [1]}',
			{ x: "float32" },
			"JSON Value: {\n    \"inputs\": 1,\n    \"instances\": [1]\n} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
		],
		["{}", { x: "float32" }, "Missing 'inputs' or 'instances' key"],
		[
			'{"instances": 1}',
			{ x: "float32" },
			"JSON Value: {\n    \"instances\": 1\n} Expecting 'instances' to be an list/array",
		],
		[
			'{"instances": []}',
			{ x: "float32" },
			"JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
		],
		[
			'{"instances": [1]}',
			{ x: "float32", y: "float32" },
			"instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
		],
		[
			'{"inputs": [1]}',
			{ x: "float32", y: "float32" },
			"inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
		],
		[
			'{"inputs": {"x": 1, "z": 2}}',
			{ x: "float32", y: "float32" },
			"Missing named input: y in 'inputs' object.",
		],
		[
			'{"instances": [1]}',
			{},
			"Failed to get input map for signature: DEFAULT",
		],
		['{"inputs": {}}', {}, "Failed to get input map for signature: DEFAULT"],
		[
			'{"signature_name": "s", "inputs": {}}',
			{},
			"Failed to get input map for signature: s",
		],
		[
			'{"instances": [{"x": 1}, 2]}',
			{ x: "float32" },
			"Expecting object but got list at item 1 of input list",
		],
		[
			'{"instances": [1, {"x": 2}]}',
			{ x: "float32" },
			"Expecting value/list but got object at item 1 of input list",
		],
		[
			'{"instances": [{"x": 1, "z": 2}]}',
			{ x: "float32" },
			"Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: z",
		],
		[
			'{"instances": [{"x": 1}]}',
			{ x: "float32", y: "float32" },
			"Failed to process element: 0 of 'instances' list. JSON object: {\n    \"x\": 1\n} keys must be equal to: x,y",
		],
		[
			'{"instances": [[1,2],[3]]}',
			{ x: "float32" },
			"Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
		],
		[
			'{"instances": [{"x": [1,2]},{"x": [[3,4]]}]}',
			{ x: "float32" },
			"Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [2] but got: [1,2]",
		],
		[
			'{"inputs": [1.5]}',
			{ x: "int32" },
			"JSON Value: 1.5 Type: Number is not of expected type: int32",
		],
		[
			'{"inputs": [2147483648]}',
			{ x: "int8" },
			"JSON Value: 2147483648 Type: Number is not of expected type: int8",
		],
		[
			'{"inputs": null}',
			{ x: "float32" },
			"JSON Value: null Type: Null is not of expected type: float",
		],
		[
			'{"inputs": [[1,2],[3]]}',
			{ x: "float32" },
			"Encountered list at unexpected size: 1 at level: 1 expected size: 2",
		],
		[
			'{"inputs": [1,[2]]}',
			{ x: "float32" },
			"Encountered list at unexpected level: 1 expected < 1",
		],
		// a list's length is looked at before what is in it, the outermost one's first
		[
			'{"inputs": [[], [1, 1]]}',
			{ x: "float16" },
			"Encountered list at unexpected size: 2 at level: 1 expected size: 0",
		],
		[
			'{"inputs": [["a", "b"], [{"b64": "?"}], [{}]]}',
			{ x: "string" },
			"Encountered list at unexpected size: 1 at level: 1 expected size: 2",
		],
		[
			'{"inputs": [[[1], [2]], [[1, 2]]]}',
			{ x: "int32" },
			"Encountered list at unexpected size: 1 at level: 1 expected size: 2",
		],
		[
			'{"instances": [[1], [1], [1], []]}',
			{ x: "int16" },
			"Failed to process element: 3 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 1 but got: 0",
		],
		[
			'{"inputs": [[1],2]}',
			{ x: "float32" },
			"JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
		],
		[
			'{"inputs": {"b64": 1}}',
			{ x: "string" },
			"Missing named input: x in 'inputs' object.",
		],
		[
			'{"inputs": [{"b64": 1}]}',
			{ x: "string" },
			'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data',
		],
		['{"inputs": {"b64": "?"}}', { x: "string" }, "Unable to base64 decode"],
	])("%s", (body, inputs, words) => {
		expect(refusal(body, inputs)).toEqual(["INVALID", words]);
	});
});

describe("debugText() shows values as upstream does", () => {
	test.each<[string, string]>([
		// one byte, then three a number but for the first: 85 make 254 bytes, and the next passes 256
		[
			`[${Array.from({ length: 200 }, () => 1).join(",")}]`,
			`[${Array.from({ length: 86 }, () => 1).join(", ")}`,
		],
		// each é is two bytes, and what follows a string that passes the limit is not written
		[`["${"é".repeat(130)}", 2]`, `["${"é".repeat(130)}"`],
		// in full, however long
		[`"${"a".repeat(1000)}"`, `"${"a".repeat(1000)}"`],
		// rapidjson writes no NaN, and stops there
		["[1, NaN, 2]", "[1, "],
		[
			'["\\u001f/\\u00e9", -0.0, 1e2, 1e22, 1e-7, 18446744073709551616]',
			'["\\u001F/é", -0.0, 100.0, 1e22, 1e-7, 18446744073709552000.0]',
		],
		[
			'{"a": {}, "b": [], "c": {"d": [1, {"e": null}]}}',
			'{\n    "a": {},\n    "b": [],\n    "c": {\n        "d": [1, {\n                "e": null\n            }]\n    }\n}',
		],
	])("%s", (value, shown) => {
		const bytes = Buffer.from(value);
		expect(debugText({ bytes, ...STRICT }, 0)).toBe(shown);
	});
});

describe("decodePredictRequest() refuses what upstream refuses", () => {
	test.each<[DType, string]>([
		["float16", "half"],
		["bfloat16", "bfloat16"],
		["uint16", "uint16"],
		["complex64", "complex64"],
		["qint8", "qint8"],
	])("%s, with 501 or 400 by the format", (dtype, name) => {
		const words = `Conversion of JSON Value: 1 to type: ${name}`;
		expect(refusal('{"inputs": [1]}', { x: dtype })).toEqual([
			"UNSUPPORTED",
			words,
		]);
		expect(refusal('{"instances": [1]}', { x: dtype })).toEqual([
			"INVALID",
			`Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED: ${words}`,
		]);
	});
});

describe("decodePredictRequest() takes what upstream takes", () => {
	test("cuts numbers of 32 bits to narrower types", () => {
		const { x } = decode('{"inputs": [300, -129, 2147483647]}', {
			x: "int8",
		}).tensors;
		// 300 = 256 + 44, -129 = -256 + 127, 2^31 - 1 has all low bits
		expect(x).toEqual(tensor("int8", [3], Int8Array.of(44, 127, -1)));
	});

	test("gives an empty list one dimension, whatever the signature declares", () => {
		const signature = {
			key: "s",
			inputs: [{ name: "x", dtype: "float32" as const, shape: [-1, 3] }],
		};
		const { tensors } = decodePredictRequest(
			Buffer.from('{"inputs": []}'),
			() => signature,
			STRICT,
		);
		expect(tensors.x.shape).toEqual([0]);
	});

	test("feeds bytes to one input where there are several", () => {
		const { tensors } = decode('{"instances": [{"b64": "YQ=="}]}', {
			x: "string",
			y: "string",
		});
		expect(Object.keys(tensors)).toEqual(["x"]);
	});

	test("takes half a million open brackets in a member that does not matter", () => {
		const deep = "[".repeat(500_000) + "]".repeat(500_000);
		const { tensors } = decode(`{"instances": [1], "junk": ${deep}}`, {
			x: "int32",
		});
		expect(tensors.x).toEqual(tensor("int32", [1], Int32Array.of(1)));
		const [, words] = refusal(`{"signature_name": ${deep}, "instances": [1]}`, {
			x: "int32",
		});
		expect(words).toContain("key must be a string value");
	});
});

describe("encodePredictResponse() refuses what upstream refuses", () => {
	const written = (y: Tensor, format: "row" | "columnar" = "columnar") =>
		Buffer.from(encodePredictResponse(format, { y }, STRICT)).toString();

	test.each<[Tensor, string]>([
		[tensor("float16", [1], Uint16Array.of(0)), "half"],
		[tensor("complex64", [1], Float32Array.of(1, 2)), "complex64"],
		[tensor("uint16", [1], Uint16Array.of(0)), "uint16"],
	])("%o", (y, name) => {
		const words = `Failed to write JSON value for tensor type: ${name}`;
		for (const format of ["row", "columnar"] as const)
			expect(() => written(y, format)).toThrowError(
				expect.objectContaining({ code: "INVALID", upstream: words }),
			);
	});

	test("has no quarrel with a type of which there is no element", () => {
		expect(written(tensor("float16", [0], new Uint16Array()))).toBe(
			'{\n    "outputs": []\n}',
		);
	});

	test("says of scalars in the row format what upstream says", () => {
		expect(() =>
			written(tensor("float32", [], Float32Array.of(1)), "row"),
		).toThrowError(
			expect.objectContaining({
				upstream: "Tensor name: y has no shape information ",
			}),
		);
	});
});
