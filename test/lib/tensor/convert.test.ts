import { expect, test } from "vitest";
import { convertTensor } from "../../../src/lib/tensor/convert.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";

test.each<[Tensor, DType, Tensor["data"]]>([
	[
		tensor("float64", [2], Float64Array.of(0.1, 1e300)),
		"float32",
		Float32Array.of(0.1, Infinity),
	],
	[
		tensor("int64", [2], BigInt64Array.of(-3n, 7n)),
		"int32",
		Int32Array.of(-3, 7),
	],
	[tensor("int64", [1], BigInt64Array.of(3n)), "float32", Float32Array.of(3)],
	[
		tensor("uint8", [2], Uint8Array.of(0, 255)),
		"float32",
		Float32Array.of(0, 255),
	],
	[
		tensor("float64", [2], Float64Array.of(-4, 5)),
		"int64",
		BigInt64Array.of(-4n, 5n),
	],
	[tensor("int32", [2], Int32Array.of(0, 1)), "bool", Uint8Array.of(0, 1)],
	[tensor("bool", [2], Uint8Array.of(0, 1)), "float32", Float32Array.of(0, 1)],
	[
		tensor("float16", [1], Uint16Array.of(0x3c00)),
		"float32",
		Float32Array.of(1),
	],
	[
		tensor("float32", [1], Float32Array.of(1)),
		"bfloat16",
		Uint16Array.of(0x3f80),
	],
	[tensor("bfloat16", [1], Uint16Array.of(0x4000)), "int8", Int8Array.of(2)],
	[
		tensor("complex128", [1], Float64Array.of(1, -2)),
		"complex64",
		Float32Array.of(1, -2),
	],
	[
		tensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n)),
		"uint64",
		BigUint64Array.of(2n ** 64n - 1n),
	],
])("convertTensor() keeps values: %o as %s", (source, dtype, data) => {
	expect(convertTensor(source, dtype)).toEqual({ ...source, dtype, data });
});

test.each<[Tensor, DType, string]>([
	[
		tensor("float64", [2], Float64Array.of(1, 0.5)),
		"int32",
		"cannot make int32 of float64: element 1 is 0.5",
	],
	[
		tensor("float32", [1], Float32Array.of(NaN)),
		"int32",
		"cannot make int32 of float32: element 0 is NaN",
	],
	[
		tensor("int64", [1], BigInt64Array.of(2n ** 31n)),
		"int32",
		"cannot make int32 of int64: element 0 is 2147483648",
	],
	[
		tensor("int64", [1], BigInt64Array.of(2n ** 63n - 1n)),
		"uint32",
		"element 0 is 9223372036854775807",
	],
	[tensor("int32", [1], Int32Array.of(-1)), "uint8", "element 0 is -1"],
	[tensor("int32", [1], Int32Array.of(-1)), "uint64", "element 0 is -1"],
	[tensor("int32", [1], Int32Array.of(2)), "bool", "element 0 is 2"],
	[
		tensor("string", [1], [new Uint8Array(1)]),
		"float32",
		"cannot make float32 of string: one is no number",
	],
	[
		tensor("complex64", [1], Float32Array.of(1, 0)),
		"float32",
		"one is no number",
	],
])(
	"convertTensor() refuses other values: %o as %s",
	(source, dtype, message) => {
		expect(() => convertTensor(source, dtype)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(message),
			}),
		);
	},
);
