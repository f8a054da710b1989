import { describe, expect, test } from "vitest";
import {
	encodeOutputsJson,
	encodePredictResponse,
} from "../../../../src/lib/tensor/json/encode.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";

const rows = (outputs: Record<string, Tensor>) =>
	Buffer.from(encodePredictResponse("row", outputs)).toString();
const columns = (outputs: Record<string, Tensor>) =>
	Buffer.from(encodePredictResponse("columnar", outputs)).toString();
const json = (outputs: Record<string, Tensor>) =>
	Buffer.from(encodeOutputsJson(outputs)).toString();

const strings = (shape: number[], ...values: string[]) =>
	tensor(
		"string",
		shape,
		values.map((value) => Buffer.from(value)),
	);
const floats = (shape: number[], ...values: number[]) =>
	tensor("float32", shape, Float32Array.from(values));
const ints = (shape: number[], ...values: number[]) =>
	tensor("int32", shape, Int32Array.from(values));

/** The cases of json_tensor_test.cc, with the blanks that rapidjson's PrettyWriter puts (prettywriter.h). */
describe("encodePredictResponse() writes what TensorFlow Serving's tests expect", () => {
	const cube = ints([2, 3, 2], 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2);

	test("FromJsonSingleTensor", () => {
		expect(rows({ int_tensor: cube })).toBe(
			'{\n    "predictions": [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]\n    ]\n}',
		);
		expect(columns({ int_tensor: ints([2, 1, 2], 1, 2, 3, 4) })).toBe(`{
    "outputs": [
        [
            [
                1,
                2
            ]
        ],
        [
            [
                3,
                4
            ]
        ]
    ]
}`);
		expect(JSON.parse(columns({ int_tensor: cube })).outputs).toEqual([
			[
				[1, 2],
				[3, 4],
				[5, 6],
			],
			[
				[7, 8],
				[9, 0],
				[1, 2],
			],
		]);
	});

	test("FromJsonSingleScalarTensor", () => {
		expect(rows({ int_tensor: ints([5], 1, 2, 3, 4, 5) })).toBe(
			'{\n    "predictions": [1, 2, 3, 4, 5\n    ]\n}',
		);
		expect(columns({ x: floats([], 2.5) })).toBe('{\n    "outputs": 2.5\n}');
	});

	test("FromJsonSingleBytesTensor", () => {
		const outputs = {
			str_tensor_bytes: strings([2, 2], "hello", "world", "tf", "serving"),
		};
		expect(JSON.parse(rows(outputs))).toEqual({
			predictions: [
				[{ b64: "aGVsbG8=" }, { b64: "d29ybGQ=" }],
				[{ b64: "dGY=" }, { b64: "c2VydmluZw==" }],
			],
		});
		// an object is spread over lines even in a list that is not
		expect(rows({ y_bytes: strings([2], "tf", "") })).toBe(`{
    "predictions": [{
            "b64": "dGY="
        }, {
            "b64": ""
        }
    ]
}`);
		expect(columns({ y_bytes: strings([1], "tf") })).toBe(`{
    "outputs": [
        {
            "b64": "dGY="
        }
    ]
}`);
	});

	test("FromJsonSingleFloatTensorSixDigitPrecision", () => {
		expect(
			rows({
				float_tensor: floats(
					[2, 3],
					9000000,
					999999,
					0.5,
					0.0003,
					0.00003,
					555557.5,
				),
			}),
		).toBe(
			'{\n    "predictions": [[9e+06, 999999.0, 0.5], [0.0003, 3e-05, 555557.5]\n    ]\n}',
		);
	});

	test("FromJsonSingleFloatTensorNonFinite", () => {
		expect(
			rows({ float_tensor: floats([2, 2], NaN, Infinity, 3, -Infinity) }),
		).toBe(
			'{\n    "predictions": [[NaN, Infinity], [3.0, -Infinity]\n    ]\n}',
		);
	});

	test("FromJsonSingleTensorErrors", () => {
		expect(() => rows({})).toThrow("Cannot convert empty tensor map to JSON");
		expect(() => rows({ y: floats([], 1) })).toThrow(
			"Tensor name: y has no shape information ",
		);
	});

	test("FromJsonMultipleNamedTensors", () => {
		const outputs = {
			a: ints([2, 2], 1, 2, 3, 4),
			b: floats([2], 0.5, 1),
			c_bytes: strings([2], "x", "y"),
			d: strings([2, 1], "x", "y"),
		};
		expect(rows(outputs)).toBe(`{
    "predictions": [
        {
            "a": [1, 2],
            "b": 0.5,
            "c_bytes": {
                "b64": "eA=="
            },
            "d": ["x"]
        },
        {
            "a": [3, 4],
            "b": 1.0,
            "c_bytes": {
                "b64": "eQ=="
            },
            "d": ["y"]
        }
    ]
}`);
		expect(columns({ a: ints([2], 1, 2), b: floats([], 0.5) })).toBe(`{
    "outputs": {
        "a": [
            1,
            2
        ],
        "b": 0.5
    }
}`);
	});

	test.each([1, 0])(
		"FromJsonMultipleNamedTensorsErrors: 2 rows and %s",
		(size) => {
			expect(() =>
				rows({
					a: floats([2], 1, 2),
					b: tensor("float32", [size], new Float32Array(size)),
				}),
			).toThrow(
				`Tensor name: b has inconsistent batch size: ${size} expecting: 2`,
			);
		},
	);

	test("FromJsonSingleTensorZeroBatch, FromJsonMultipleNamedTensorsZeroBatch", () => {
		expect(rows({ a: floats([0, 2]) })).toBe('{\n    "predictions": []\n}');
		expect(rows({ a: floats([0, 2]), b: ints([0]) })).toBe(
			'{\n    "predictions": []\n}',
		);
		expect(columns({ a: floats([2, 0]) })).toBe(
			'{\n    "outputs": [\n        [],\n        []\n    ]\n}',
		);
	});
});

describe("encodePredictResponse() writes every type", () => {
	test.each<[Tensor, string]>([
		[tensor("int8", [2], Int8Array.of(-128, 127)), "-128, 127"],
		[tensor("uint8", [2], Uint8Array.of(0, 255)), "0, 255"],
		[tensor("int16", [1], Int16Array.of(-32768)), "-32768"],
		[tensor("uint16", [1], Uint16Array.of(65535)), "65535"],
		[tensor("int32", [1], Int32Array.of(-2147483648)), "-2147483648"],
		[tensor("uint32", [1], Uint32Array.of(4294967295)), "4294967295"],
		[
			tensor("int64", [3], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, 0n)),
			"-9223372036854775808, 9007199254740993, 0",
		],
		[
			tensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n)),
			"18446744073709551615",
		],
		[tensor("bool", [2], Uint8Array.of(1, 0)), "true, false"],
		[
			tensor("float64", [3], Float64Array.of(0.1, 1 / 3, 1e300)),
			"0.1, 0.33333333333333331, 1e+300",
		],
		[
			tensor("float16", [3], Uint16Array.of(0x3c00, 0x2e66, 0xfc00)),
			"1.0, 0.0999755859, -Infinity",
		],
		[
			tensor("bfloat16", [2], Uint16Array.of(0x3fc0, 0xff62)),
			"1.5, -3.00405527e+38",
		],
		[
			tensor("complex64", [2], Float32Array.of(1, -2, 0.5, NaN)),
			"[1.0, -2.0], [0.5, NaN]",
		],
	])("$dtype", (output, text) => {
		expect(rows({ y: output })).toBe(
			`{\n    "predictions": [${text}\n    ]\n}`,
		);
	});

	test("strings with escapes, their bytes untouched", () => {
		const raw = Uint8Array.of(0x41, 0xff, 0x01, 0x1f, 0x7f, 0xc3, 0xa9);
		const output = tensor("string", [2], [Buffer.from('"\\/\b\f\n\r\t'), raw]);
		expect(
			Buffer.from(encodePredictResponse("row", { y: output })).toString(
				"latin1",
			),
		).toBe(
			'{\n    "predictions": ["\\"\\\\/\\b\\f\\n\\r\\t", "A\xff\\u0001\\u001F\x7f\xc3\xa9"\n    ]\n}',
		);
	});

	test("but resources, in upstream's words", () => {
		expect(() =>
			rows({ y: { dtype: "resource", shape: [1], data: [] } }),
		).toThrow("Failed to write JSON value for tensor type: resource");
	});

	test("and many elements, past every buffer's first size", () => {
		const values = Float32Array.from({ length: 5000 }, (_, i) => i / 7);
		const text = rows({ y: tensor("float32", [50, 100], values) });
		expect(Float32Array.from(JSON.parse(text).predictions.flat())).toEqual(
			values,
		);
		const names = strings(
			[300],
			...Array.from({ length: 300 }, (_, i) => "\n".repeat(i)),
		);
		expect(JSON.parse(rows({ y: names })).predictions[299]).toBe(
			"\n".repeat(299),
		);
	});
});

describe("encodeOutputsJson() writes one line for scripts", () => {
	test("with the batch first", () => {
		expect(json({ y: floats([2, 2], 1, 0.5, -1, 3), z: ints([2], 1, 2) })).toBe(
			'{"outputs":{"y":[[1.0,0.5],[-1.0,3.0]],"z":[1,2]}}',
		);
	});

	test("with base64 for what is no text", () => {
		expect(
			json({ y: strings([2], "a", "é"), y_bytes: strings([1], "a") }),
		).toBe('{"outputs":{"y":["a","é"],"y_bytes":[{"b64":"YQ=="}]}}');
		expect(json({ y: tensor("string", [], [Uint8Array.of(0xff)]) })).toBe(
			'{"outputs":{"y":{"b64":"/w=="}}}',
		);
	});
});
