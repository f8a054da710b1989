import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DataType, TensorProtoSchema } from "../../../../src/gen/tensor_pb.js";
import { WireReader } from "../../../../src/lib/formats/wire.js";
import { readTensor } from "../../../../src/lib/serving/grpc/tensor-reader.js";

// What is expected is written in tensorflow/core/framework/tensor.proto, and done in tensor.cc, Tensor::FromProto.

type Proto = Exclude<
	MessageInitShape<typeof TensorProtoSchema>,
	{ readonly $typeName: string }
>;

function read(proto: Proto | Uint8Array, bytes = 10_000) {
	const message =
		proto instanceof Uint8Array
			? proto
			: toBinary(TensorProtoSchema, create(TensorProtoSchema, proto));
	return readTensor(new WireReader(message), { bytes });
}

function shaped(dtype: DataType, shape: readonly number[], rest: Proto): Proto {
	const dim = shape.map((size) => ({ size: BigInt(size) }));
	return { dtype, tensorShape: { dim }, ...rest };
}

const text = (value: string) => new TextEncoder().encode(value);

describe("readTensor()", () => {
	test.each<[string, Proto, unknown]>([
		["DT_FLOAT", { floatVal: [1.5, -2] }, Float32Array.of(1.5, -2)],
		["DT_DOUBLE", { doubleVal: [1e300, -0] }, Float64Array.of(1e300, -0)],
		["DT_INT32", { intVal: [-1, 2147483647] }, Int32Array.of(-1, 2147483647)],
		["DT_UINT8", { intVal: [255, 256] }, Uint8Array.of(255, 0)],
		["DT_INT16", { intVal: [-32768, 7] }, Int16Array.of(-32768, 7)],
		["DT_INT8", { intVal: [-128, 127] }, Int8Array.of(-128, 127)],
		["DT_UINT16", { intVal: [65535, 1] }, Uint16Array.of(65535, 1)],
		["DT_QINT32", { intVal: [-5, 5] }, Int32Array.of(-5, 5)],
		[
			"DT_INT64",
			{ int64Val: [-(2n ** 63n), 2n ** 63n - 1n] },
			BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
		],
		["DT_BOOL", { boolVal: [true, false] }, Uint8Array.of(1, 0)],
		["DT_HALF", { halfVal: [0x3c00, 0xfc00] }, Uint16Array.of(0x3c00, 0xfc00)],
		["DT_BFLOAT16", { halfVal: [0x3f80, 0] }, Uint16Array.of(0x3f80, 0)],
		[
			"DT_UINT32",
			{ uint32Val: [2 ** 32 - 1, 3] },
			Uint32Array.of(2 ** 32 - 1, 3),
		],
		[
			"DT_UINT64",
			{ uint64Val: [2n ** 64n - 1n, 3n] },
			BigUint64Array.of(2n ** 64n - 1n, 3n),
		],
		[
			"DT_COMPLEX64",
			{ scomplexVal: [1, 2, 3, 4] },
			Float32Array.of(1, 2, 3, 4),
		],
		[
			"DT_COMPLEX128",
			{ dcomplexVal: [1, 2, 3, 4] },
			Float64Array.of(1, 2, 3, 4),
		],
		["DT_STRING", { stringVal: [text("é"), text("")] }, [text("é"), text("")]],
	])("reads the values of %s", (name, values, data) => {
		const dtype = DataType[name as keyof typeof DataType];
		expect(read(shaped(dtype, [2], values))).toMatchObject({
			shape: [2],
			data,
		});
	});

	test.each<[string, Proto, unknown]>([
		["repeats the last value", { floatVal: [1, 2] }, [1, 2, 2, 2]],
		[
			"drops values beyond the shape",
			{ floatVal: [1, 2, 3, 4, 5] },
			[1, 2, 3, 4],
		],
		["takes no values for zeros", {}, [0, 0, 0, 0]],
		[
			"takes bytes where there are both",
			{
				floatVal: [9],
				tensorContent: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer),
			},
			[1, 2, 3, 4],
		],
	])("%s", (_, rest, data) => {
		const tensor = read(shaped(DataType.DT_FLOAT, [2, 2], rest));
		expect(tensor.shape).toEqual([2, 2]);
		expect([...(tensor.data as Float32Array)]).toEqual(data);
	});

	test("repeats pairs of complex numbers, strings and integers as well", () => {
		const read3 = (dtype: DataType, rest: Proto) =>
			[...(read(shaped(dtype, [3], rest)).data as Float32Array)] as unknown[];
		expect(read3(DataType.DT_COMPLEX64, { scomplexVal: [1, 2, 3] })).toEqual([
			1, 2, 1, 2, 1, 2,
		]);
		expect(read3(DataType.DT_INT64, { int64Val: [-7n] })).toEqual([
			-7n,
			-7n,
			-7n,
		]);
		expect(read3(DataType.DT_STRING, { stringVal: [text("a")] })).toEqual([
			text("a"),
			text("a"),
			text("a"),
		]);
		expect(read3(DataType.DT_STRING, {})).toEqual([
			text(""),
			text(""),
			text(""),
		]);
	});

	test("reads fields in any order, and values alone and in runs", () => {
		const bytes = [
			[0x2d, 0, 0, 0x80, 0x3f], // float_val: 1, alone
			[0x2a, 8, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40], // float_val: [2, 3]
			[0x12, 4, 0x12, 2, 0x08, 4], // tensor_shape: [4]
			[0x18, 5], // version_number, of no interest
			[0x2d, 0, 0, 0x80, 0x40], // float_val: 4, alone
			[0x08, 1], // dtype: DT_FLOAT
		];
		const { data } = read(Uint8Array.from(bytes.flat()));
		expect(data).toEqual(Float32Array.of(1, 2, 3, 4));
	});

	test("reads strings from bytes: lengths, then texts", () => {
		const tensorContent = Uint8Array.of(2, 0, 1, 0x61, 0x62, 0x63);
		const { data } = read(shaped(DataType.DT_STRING, [3], { tensorContent }));
		expect([...(data as Uint8Array[])].map(String)).toEqual([
			"97,98",
			"",
			"99",
		]);
	});

	test("reads scalars, and tensors of nothing", () => {
		expect(read({ dtype: DataType.DT_FLOAT, floatVal: [2] })).toEqual({
			dtype: "float32",
			shape: [],
			data: Float32Array.of(2),
		});
		expect(
			read(shaped(DataType.DT_FLOAT, [0, 2 ** 40], { floatVal: [2] })),
		).toEqual({
			dtype: "float32",
			shape: [0, 2 ** 40],
			data: new Float32Array(0),
		});
	});

	test.each<[string, Proto, string]>([
		["no type", { floatVal: [1] }, "it has no dtype"],
		[
			"a type without elements",
			{ dtype: DataType.DT_VARIANT },
			"no plain elements",
		],
		["too many elements", shaped(DataType.DT_FLOAT, [2501], {}), "--max-body"],
		["too many strings", shaped(DataType.DT_STRING, [626], {}), "--max-body"],
		[
			"a product beyond all numbers",
			shaped(DataType.DT_FLOAT, [2 ** 31, 2 ** 31], {}),
			"2^40",
		],
		["a negative size", shaped(DataType.DT_FLOAT, [-1], {}), "-1"],
		[
			"bytes of another length",
			shaped(DataType.DT_FLOAT, [2], { tensorContent: new Uint8Array(9) }),
			"8 bytes",
		],
		[
			"strings that end before their bytes",
			shaped(DataType.DT_STRING, [1], {
				tensorContent: Uint8Array.of(1, 2, 3),
			}),
			"not those of 1 strings",
		],
		[
			"strings longer than their bytes",
			shaped(DataType.DT_STRING, [1], { tensorContent: Uint8Array.of(9, 2) }),
			"not those of 1 strings",
		],
	])("refuses %s", (_, proto, reason) => {
		expect(() => read(proto)).toThrow(reason);
	});

	test("counts what all tensors of a request take together", () => {
		const budget = { bytes: 100 };
		const message = toBinary(
			TensorProtoSchema,
			create(TensorProtoSchema, shaped(DataType.DT_FLOAT, [20], {})),
		);
		readTensor(new WireReader(message), budget);
		expect(() => readTensor(new WireReader(message), budget)).toThrow(
			"--max-body",
		);
	});
});
