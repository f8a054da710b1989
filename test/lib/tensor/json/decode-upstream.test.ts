import { describe, expect, test } from "vitest";
import { decode, decodeOne, refusal, texts } from "./requests.js";

/** The cases of TensorFlow Serving's own test of its codec (json_tensor_test.cc), under their names there. */
describe("decodePredictRequest() reads what TensorFlow Serving's tests read", () => {
	test("SingleUnnamedTensor", () => {
		const { format, signatureName, tensors } = decode(
			'\n{\n "instances": [[1,2],[3,4],[5,6]]\n}',
			{ default: "int32" },
		);
		expect({ format, signatureName }).toEqual({
			format: "row",
			signatureName: "",
		});
		expect(tensors).toEqual({
			default: {
				dtype: "int32",
				shape: [3, 2],
				data: Int32Array.of(1, 2, 3, 4, 5, 6),
			},
		});
	});

	test("DeeplyNestedWellFormed", () => {
		const junk = "[".repeat(500_000) + "]".repeat(500_000);
		const body = `{"instances":[1], "nested":${junk}}`;
		expect(decodeOne(body, "int32")).toEqual({
			dtype: "int32",
			shape: [1],
			data: Int32Array.of(1),
		});
	});

	test("DeeplyNestedMalformed", () => {
		const junk = "[".repeat(500_000) + "]".repeat(500_000);
		expect(refusal(`{"signature_name":${junk}}`, { x: "int32" })).toMatchObject(
			{
				code: "INVALID",
				message: expect.stringContaining("key must be a string value"),
			},
		);
	});

	test("MixedInputForFloatTensor", () => {
		const body = '{"instances": [1, 2.0, 3, 4, 5.003, 0.007, 0.0]}';
		expect(decodeOne(body, "float32").data).toEqual(
			Float32Array.of(1, 2, 3, 4, 5.003, 0.007, 0),
		);
	});

	test("MixedInputForDoubleTensor", () => {
		const body = '{"instances": [1.0, 2, 3, 4, 0.662, 0, 0.0]}';
		expect(decodeOne(body, "float64").data).toEqual(
			Float64Array.of(1, 2, 3, 4, 0.662, 0, 0),
		);
	});

	test.each(["1435774380", "1435774380.0"])(
		"FloatTensorWithPrecisionLoss: %s",
		(number) => {
			const { data } = decodeOne(`{"instances": [${number}]}`, "float32");
			expect(data).toEqual(Float32Array.of(1435774380));
		},
	);

	test.each([
		["1.79769e+308", Infinity],
		["-1.79769e+308", -Infinity],
		["2.22507e-308", 0],
		["-2.22507e-308", -0],
	])(
		"FloatTensorThatExceedsMaxReturnsInf, …MinReturnsZero: %s",
		(number, value) => {
			const { data } = decodeOne(`{ "instances": [${number}] }`, "float32");
			expect([...(data as Float32Array)]).toEqual([value]);
		},
	);

	test("SingleUnnamedTensorWithSignature", () => {
		const { signatureName, tensors } = decode(
			'{"signature_name": "predict_images", "instances": [[1,2]]}',
			{ default: "int32" },
		);
		expect(signatureName).toBe("predict_images");
		expect(tensors.default.shape).toEqual([1, 2]);
	});

	test("TensorFromNonNullTerminatedBuffer", () => {
		const text = Buffer.from('{"instances": [[1,2],[3,4],[5,6]]}X');
		const body = text.subarray(0, text.length - 1);
		expect(decode(body, { x: "int32" }).tensors.x.shape).toEqual([3, 2]);
	});

	test("SingleUnnamedTensorBase64Scalars", () => {
		const tensor = decodeOne(
			'{"instances": [ { "b64" : "aGVsbG8=" }, { "b64": "d29ybGQ=" } ]}',
			"string",
		);
		expect(tensor.shape).toEqual([2]);
		expect(texts(tensor)).toEqual(["hello", "world"]);
	});

	test("SingleUnnamedTensorBase64Lists", () => {
		const tensor = decodeOne(
			'{"instances": [ [{ "b64" : "aGVsbG8=" }], [{ "b64": "d29ybGQ=" }] ]}',
			"string",
		);
		expect(tensor.shape).toEqual([2, 1]);
		expect(texts(tensor)).toEqual(["hello", "world"]);
	});

	test("SingleNamedTensorBase64", () => {
		const tensor = decodeOne(
			'{"instances": [{"x": [ [{ "b64" : "aGVsbG8=" }], [{ "b64": "d29ybGQ=" }] ]}]}',
			"string",
		);
		expect(tensor.shape).toEqual([1, 2, 1]);
		expect(texts(tensor)).toEqual(["hello", "world"]);
	});

	test("MultipleNamedTensor", () => {
		const { tensors } = decode(
			`{"instances": [
				{"int_tensor": [[1,2],[3,4],[5,6]], "str_tensor": ["foo", "bar"], "float_tensor": [1.0, NaN], "dbl_tensor": [NaN]},
				{"int_tensor": [[7,8],[9,0],[1,2]], "str_tensor": ["baz", "bat"], "float_tensor": [2.0, Infinity], "dbl_tensor": [2.0]}
			]}`,
			{
				int_tensor: "int32",
				str_tensor: "string",
				float_tensor: "float32",
				dbl_tensor: "float64",
			},
		);
		expect(tensors.int_tensor).toEqual({
			dtype: "int32",
			shape: [2, 3, 2],
			data: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2),
		});
		expect(tensors.str_tensor.shape).toEqual([2, 2]);
		expect(texts(tensors.str_tensor)).toEqual(["foo", "bar", "baz", "bat"]);
		expect(tensors.float_tensor).toEqual({
			dtype: "float32",
			shape: [2, 2],
			data: Float32Array.of(1, NaN, 2, Infinity),
		});
		expect(tensors.dbl_tensor).toEqual({
			dtype: "float64",
			shape: [2, 1],
			data: Float64Array.of(NaN, 2),
		});
	});

	test.each(['{"int_tensor": [[[1,2],[3,4],[5,6]]]}', "[[[1,2],[3,4],[5,6]]]"])(
		"SingleUnnamedTensorColumnarFormat: %s",
		(inputs) => {
			const { format, tensors } = decode(`{"inputs": ${inputs}}`, {
				int_tensor: "int32",
			});
			expect(format).toBe("columnar");
			expect(tensors.int_tensor).toEqual({
				dtype: "int32",
				shape: [1, 3, 2],
				data: Int32Array.of(1, 2, 3, 4, 5, 6),
			});
		},
	);

	test("MultipleNamedTensorColumnarFormat", () => {
		const { tensors } = decode(
			`{"inputs": {
				"int_tensor": [[[1,2],[3,4],[5,6]]],
				"str_tensor": ["foo", "bar"],
				"bin_tensor": { "b64" : "aGVsbG8=" }
			}}`,
			{ int_tensor: "int32", str_tensor: "string", bin_tensor: "string" },
		);
		expect(tensors.int_tensor.shape).toEqual([1, 3, 2]);
		expect(texts(tensors.str_tensor)).toEqual(["foo", "bar"]);
		expect(tensors.bin_tensor.shape).toEqual([]);
		expect(texts(tensors.bin_tensor)).toEqual(["hello"]);
	});

	test.each([
		["", "JSON Parse error: The document is empty"],
		[
			'{"signature_name": 5, "instances": [[1,2],[3,4],[5,6,7]]}',
			"'signature_name' key must be a string value.",
		],
		[
			'{"instances": [[1,2],[3,4],[5,6,7]], "inputs": [[1,2],[3,4],[5,6,7]]}',
			"Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
		],
		[
			'{"instances": [[1,2],[3,4],[5,6,7]]}',
			"Expecting tensor size: 2 but got: 3",
		],
		[
			'{"instances": [[1,2],[3,4],[[5,6]]]}',
			"Expecting shape [2] but got: [1,2]",
		],
		['{"instances": [1, [1]]}', "Expecting shape [] but got: [1]"],
		[
			'{"instances": [[1,2],["a", "b"]]}',
			'JSON Value: "a" Type: String is not of expected type: int32',
		],
	])("SingleUnnamedTensorErrors: %s", (body, words) => {
		expect(refusal(body, { default: "int32" })).toMatchObject({
			code: "INVALID",
			message: expect.stringContaining(words),
		});
	});

	const row = '"int_tensor": [[1,2],[3,4],[5,6]], "str_tensor": ["foo", "bar"]';
	test.each([
		[
			`[{${row}}, {"int_tensor": [[[7,8],[9,0],[1,2]]], "str_tensor": ["baz", "bat"]}]`,
			"Failed to process element: 1 key: int_tensor of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [3,2] but got: [1,3,2]",
		],
		[
			`[{"int_tensor": [[1,2],[3,4],[5,6],[7,8]], "str_tensor": ["foo", "bar"]}, {${row}}]`,
			"Error: INVALID_ARGUMENT: Expecting tensor size: 8 but got: 6",
		],
		[
			`[{${row}}, [1, 20, 30], {${row}}]`,
			"Expecting object but got list at item 1 of input list",
		],
	])("MultipleNamedTensorErrors: %s", (instances, words) => {
		expect(
			refusal(`{"instances": ${instances}}`, {
				int_tensor: "int32",
				str_tensor: "string",
			}),
		).toMatchObject({
			code: "INVALID",
			message: expect.stringContaining(words),
		});
	});

	test("MultipleNamedTensorErrors: a list, then an object", () => {
		const body =
			'{"instances": [["baz", "bar"], {"str_tensor": ["baz", "bat"]}]}';
		expect(refusal(body, { str_tensor: "string" }).message).toContain(
			"Expecting value/list but got object at item 1 of input list",
		);
	});
});
