import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DataType, TensorProtoSchema } from "../../../../src/gen/tensor_pb.js";
import { WireReader } from "../../../../src/lib/formats/wire.js";
import { WireWriter } from "../../../../src/lib/formats/wire-writer.js";
import { readTensor } from "../../../../src/lib/serving/grpc/tensor-reader.js";
import {
	measureTensor,
	type TensorForm,
} from "../../../../src/lib/serving/grpc/tensor-writer.js";
import type { Tensor } from "../../../../src/lib/tensor/tensor.js";

function written(tensor: Tensor, form: TensorForm): Uint8Array {
	const { size, write } = measureTensor(tensor, form);
	const writer = new WireWriter(size);
	write(writer);
	expect(writer.pos).toBe(size);
	return new Uint8Array(writer.data);
}

const TEXTS = [
	Uint8Array.of(0xc3, 0xa9),
	new Uint8Array(0),
	new Uint8Array(200).fill(7),
];

const TENSORS: readonly [string, string, unknown[], Tensor["data"]][] = [
	[
		"float32",
		"floatVal",
		[1.5, -0, 2 ** 100],
		Float32Array.of(1.5, -0, 2 ** 100),
	],
	["float64", "doubleVal", [1e300, 2, 3], Float64Array.of(1e300, 2, 3)],
	[
		"int32",
		"intVal",
		[-1, 128, 2 ** 31 - 1],
		Int32Array.of(-1, 128, 2 ** 31 - 1),
	],
	["uint8", "intVal", [0, 127, 255], Uint8Array.of(0, 127, 255)],
	["int8", "intVal", [-128, 0, 127], Int8Array.of(-128, 0, 127)],
	["int16", "intVal", [-300, 0, 300], Int16Array.of(-300, 0, 300)],
	["uint16", "intVal", [0, 300, 65535], Uint16Array.of(0, 300, 65535)],
	[
		"float16",
		"halfVal",
		[0x3c00, 0, 0xfc00],
		Uint16Array.of(0x3c00, 0, 0xfc00),
	],
	["bfloat16", "halfVal", [0x3f80, 0, 1], Uint16Array.of(0x3f80, 0, 1)],
	[
		"uint32",
		"uint32Val",
		[0, 1, 2 ** 32 - 1],
		Uint32Array.of(0, 1, 2 ** 32 - 1),
	],
	[
		"int64",
		"int64Val",
		[-1n, 2n ** 31n, -(2n ** 63n)],
		BigInt64Array.of(-1n, 2n ** 31n, -(2n ** 63n)),
	],
	[
		"uint64",
		"uint64Val",
		[2n ** 32n, 2n ** 35n, 2n ** 64n - 1n],
		BigUint64Array.of(2n ** 32n, 2n ** 35n, 2n ** 64n - 1n),
	],
	["bool", "boolVal", [true, false, true], Uint8Array.of(1, 0, 1)],
	[
		"complex64",
		"scomplexVal",
		[1, 2, 3, 4, 5, 6],
		Float32Array.of(1, 2, 3, 4, 5, 6),
	],
	[
		"complex128",
		"dcomplexVal",
		[1, 2, 3, 4, 5, 6],
		Float64Array.of(1, 2, 3, 4, 5, 6),
	],
	["string", "stringVal", TEXTS, TEXTS],
];

describe("measureTensor()", () => {
	test.each(TENSORS)(
		"writes %s as %s, none left out",
		(dtype, field, values, data) => {
			const tensor = { dtype, shape: [3, 1], data } as Tensor;
			const proto = fromBinary(TensorProtoSchema, written(tensor, "fields"));
			expect(proto).toMatchObject({
				tensorShape: { dim: [{ size: 3n }, { size: 1n }] },
				[field]: values,
				tensorContent: new Uint8Array(0),
			});
		},
	);

	test.each(TENSORS)(
		"writes the bytes of %s, which are read as the same",
		(dtype, field, _, data) => {
			const tensor = { dtype, shape: [3], data } as Tensor;
			const bytes = written(tensor, "content");
			const proto = fromBinary(TensorProtoSchema, bytes);
			expect(proto).toMatchObject({ [field]: [] });
			expect(proto.tensorContent.length).toBeGreaterThan(0);
			expect(readTensor(new WireReader(bytes), { bytes: 1000 })).toEqual(
				tensor,
			);
		},
	);

	test.each(["fields", "content"] as const)(
		"writes scalars and empty tensors as %s",
		(form) => {
			const scalar: Tensor = {
				dtype: "float32",
				shape: [],
				data: Float32Array.of(2),
			};
			expect(
				fromBinary(TensorProtoSchema, written(scalar, form)),
			).toMatchObject({
				dtype: DataType.DT_FLOAT,
				tensorShape: { dim: [], unknownRank: false },
			});
			const empty: Tensor = {
				dtype: "int64",
				shape: [0, 5_000_000_000],
				data: new BigInt64Array(0),
			};
			expect(fromBinary(TensorProtoSchema, written(empty, form))).toMatchObject(
				{
					dtype: DataType.DT_INT64,
					tensorShape: { dim: [{ size: 0n }, { size: 5_000_000_000n }] },
					int64Val: [],
					tensorContent: new Uint8Array(0),
				},
			);
		},
	);
});
