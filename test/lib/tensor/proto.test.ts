import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { TensorProtoSchema } from "../../../src/gen/tensor_pb.js";
import {
	constantFromProto,
	tensorFromProto,
	tensorToProto,
} from "../../../src/lib/tensor/proto.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { bytes } from "../../bytes.js";

/** Field numbers of tensor.proto: dtype 1, tensor_shape 2 (dim 2, size 1), tensor_content 4, *_val from 5 on. */
const decode = (content: Uint8Array) =>
	tensorFromProto(fromBinary(TensorProtoSchema, content));

const SHAPE_2_2 = bytes`12 08 12 02 08 02 12 02 08 02`;
const SHAPE_3 = bytes`12 04 12 02 08 03`;

describe("tensorFromProto() reads tensor_content", () => {
	test("of floats, little-endian and row by row", () => {
		expect(
			decode(
				bytes`08 01 ${SHAPE_2_2} 22 10 00 00 80 3f 00 00 00 40 00 00 40 40 00 00 80 c0`,
			),
		).toEqual(tensor("float32", [2, 2], Float32Array.of(1, 2, 3, -4)));
	});

	test("of strings: all lengths, then all bytes", () => {
		const { shape, data } = decode(
			bytes`08 07 ${SHAPE_3} 22 06 01 00 02 61 62 63`,
		);
		expect(shape).toEqual([3]);
		expect(
			(data as Uint8Array[]).map((item) => Buffer.from(item).toString()),
		).toEqual(["a", "", "bc"]);
	});

	test("and fails with CORRUPT where its length is not that of the shape", () => {
		expect(() => decode(bytes`08 01 ${SHAPE_2_2} 22 04 00 00 80 3f`)).toThrow(
			"cannot read a float32 tensor of shape [2,2]: it takes 16 bytes, 4 are there",
		);
		expect(() => decode(bytes`08 07 ${SHAPE_3} 22 04 01 00 05 61`)).toThrow(
			"cannot read a string of 5 bytes",
		);
	});
});

/** tensor.proto: "…the last value in the array is repeated", as `Tensor::FromProto` does. */
describe("tensorFromProto() reads typed values", () => {
	test("and repeats the last one", () => {
		// float_val 5, packed: 1.0 2.0
		expect(
			decode(bytes`08 01 ${SHAPE_2_2} 2a 08 00 00 80 3f 00 00 00 40`).data,
		).toEqual(Float32Array.of(1, 2, 2, 2));
	});

	test("drops what is too many, and takes none for zeros", () => {
		// int_val 7, packed: 1 2 3 4; dtype int32 3
		expect(decode(bytes`08 03 ${SHAPE_3} 3a 04 01 02 03 04`).data).toEqual(
			Int32Array.of(1, 2, 3),
		);
		expect(decode(bytes`08 03 ${SHAPE_3}`).data).toEqual(new Int32Array(3));
		expect(decode(bytes`08 07 ${SHAPE_3}`).data).toEqual([
			new Uint8Array(0),
			new Uint8Array(0),
			new Uint8Array(0),
		]);
	});

	test.each<[string, Uint8Array, Tensor["data"]]>([
		[
			"float64",
			bytes`08 02 ${SHAPE_3} 32 08 00 00 00 00 00 00 f0 3f`,
			Float64Array.of(1, 1, 1),
		],
		[
			"int8, negative",
			bytes`08 06 ${SHAPE_3} 3a 0a ff ff ff ff ff ff ff ff ff 01`,
			Int8Array.of(-1, -1, -1),
		],
		[
			"uint8",
			bytes`08 04 ${SHAPE_3} 3a 02 ff 01`,
			Uint8Array.of(255, 255, 255),
		],
		[
			"uint16",
			bytes`08 11 ${SHAPE_3} 3a 03 ff ff 03`,
			Uint16Array.of(65535, 65535, 65535),
		],
		["int64", bytes`08 09 ${SHAPE_3} 52 01 05`, BigInt64Array.of(5n, 5n, 5n)],
		["bool", bytes`08 0a ${SHAPE_3} 5a 02 01 00`, Uint8Array.of(1, 0, 0)],
		[
			"half, by its bits",
			bytes`08 13 ${SHAPE_3} 6a 02 80 78`,
			Uint16Array.of(0x3c00, 0x3c00, 0x3c00),
		],
		[
			"bfloat16, by its bits",
			bytes`08 0e ${SHAPE_3} 6a 02 80 7f`,
			Uint16Array.of(0x3f80, 0x3f80, 0x3f80),
		],
		[
			"complex64, in pairs",
			bytes`08 08 ${SHAPE_3} 4a 08 00 00 80 3f 00 00 00 40`,
			Float32Array.of(1, 2, 1, 2, 1, 2),
		],
		["uint32", bytes`08 16 ${SHAPE_3} 82 01 01 07`, Uint32Array.of(7, 7, 7)],
		[
			"uint64",
			bytes`08 17 ${SHAPE_3} 8a 01 01 07`,
			BigUint64Array.of(7n, 7n, 7n),
		],
		["qint8", bytes`08 0b ${SHAPE_3} 3a 01 07`, Int8Array.of(7, 7, 7)],
	])("of %s", (_, content, data) => {
		expect(decode(content).data).toEqual(data);
	});

	test("of a scalar, which has a shape without dimensions", () => {
		expect(decode(bytes`08 03 12 00 3a 01 09`)).toEqual(
			tensor("int32", [], Int32Array.of(9)),
		);
		expect(decode(bytes`08 03 3a 01 09`).shape).toEqual([]);
	});
});

describe("tensorFromProto() believes no hostile shape", () => {
	test.each([
		[
			"2^28 floats from one",
			bytes`08 01 12 08 12 06 08 80 80 80 80 01 2a 04 00 00 80 3f`,
			"CORRUPT",
		],
		[
			"2^28 strings from none",
			bytes`08 07 12 08 12 06 08 80 80 80 80 01`,
			"CORRUPT",
		],
		[
			"a dimension of -1",
			bytes`08 01 12 0d 12 0b 08 ff ff ff ff ff ff ff ff ff 01`,
			"INVALID",
		],
		["unknown rank", bytes`08 01 12 02 18 01`, "CORRUPT"],
		["a resource", bytes`08 14`, "UNSUPPORTED"],
		["a type of the future", bytes`08 63`, "UNSUPPORTED"],
	])("%s", (_, content, code) => {
		expect(() => decode(content)).toThrow(expect.objectContaining({ code }));
	});
});

test("constantFromProto() knows its size and reads when it is asked", () => {
	const proto = fromBinary(
		TensorProtoSchema,
		bytes`08 01 ${SHAPE_2_2} 22 04 00 00 80 3f`,
	);
	const constant = constantFromProto(proto);
	expect(constant).toMatchObject({
		dtype: "float32",
		shape: [2, 2],
		byteLength: 16,
	});
	expect(() => constant.read()).toThrow("it takes 16 bytes, 4 are there");
});

test.each([
	tensor("float32", [2], Float32Array.of(1.5, -2)),
	tensor(
		"string",
		[1, 2],
		[Buffer.from("a"), Buffer.from("")].map((b) => new Uint8Array(b)),
	),
	tensor("int64", [], BigInt64Array.of(-(2n ** 63n))),
	tensor("complex128", [1], Float64Array.of(1, 2)),
	tensor("bool", [0, 3], new Uint8Array(0)),
])("tensorToProto() writes what tensorFromProto() reads: $dtype", (value) => {
	expect(tensorFromProto(tensorToProto(value))).toEqual(value);
});
