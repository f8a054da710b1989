import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DataType, TensorProtoSchema } from "../../../src/gen/tensor_pb.js";
import type { SessionPort, Tensors } from "../../../src/lib/engines/engine.js";
import {
	type LoadedVersion,
	loadModel,
} from "../../../src/lib/serving/load.js";
import { checkInputs, predict } from "../../../src/lib/serving/predict.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { type Shape, tensor } from "../../../src/lib/tensor/tensor.js";
import { fakeEngine, HALF_PLUS_TWO } from "./fake.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;

describe("predict()", () => {
	test("runs a signature", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		const x = tensor("float32", [2, 1], Float32Array.of(1, 2));
		// half plus two
		expect(await predict(version, "serving_default", { x })).toEqual({
			y: tensor("float32", [2, 1], Float32Array.of(2.5, 3)),
		});
	});

	test("fills in what the signature has a default for", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		const defaults = new Map([
			[
				"x",
				create(TensorProtoSchema, {
					dtype: DataType.DT_FLOAT,
					tensorShape: { dim: [{ size: 1n }] },
					floatVal: [8],
				}),
			],
		]);
		const defaulted: LoadedVersion = {
			dir: version.dir,
			signatures: version.signatures,
			definitions: version.definitions,
			floatFeatures: version.floatFeatures,
			refused: version.refused,
			signature: (key) => ({ ...version.signature(key), defaults }),
			use: (key, task) => version.use(key, task),
			close: () => version.close(),
		};
		const y = (x: number) => ({
			y: tensor("float32", [1], Float32Array.of(x)),
		});
		expect(await predict(defaulted, "serving_default", {})).toEqual(y(6));
		const x = tensor("float32", [1], Float32Array.of(2));
		expect(await predict(defaulted, "serving_default", { x })).toEqual(y(3));
	});

	test("rejects with what does not fit, and does not run", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		await expect(predict(version, "serving_default", {})).rejects.toMatchObject(
			{ code: "INVALID" },
		);
	});
});

describe("checkInputs()", () => {
	test.each<[string, SessionPort[], Tensors]>([
		["fixed dimensions", [port("x", [2, 3])], { x: zeros([2, 3]) }],
		["open dimensions", [port("x", [-1, 3])], { x: zeros([0, 3]) }],
		["an unknown rank", [port("x", undefined)], { x: zeros([7, 1, 1]) }],
		["a scalar", [port("x", [])], { x: zeros([]) }],
		["no inputs", [], {}],
	])("accepts %s", (_, ports, inputs) => {
		expect(() => checkInputs("s", ports, inputs)).not.toThrow();
	});

	test.each<[string, SessionPort[], Tensors, string]>([
		[
			"a missing input",
			[port("x", [-1, 3])],
			{},
			'input "x" is missing, float32 [?,3] is wanted',
		],
		[
			"another type",
			[port("x", [2], "int64")],
			{ x: zeros([2]) },
			'input "x" is float32, int64 is wanted',
		],
		[
			"another rank",
			[port("x", [-1, 3])],
			{ x: zeros([3]) },
			'input "x" has shape [3], [?,3] is wanted',
		],
		[
			"another dimension",
			[port("x", [-1, 3])],
			{ x: zeros([4, 2]) },
			'input "x" has shape [4,2], [?,3] is wanted',
		],
		[
			"an unknown name",
			[port("image", [1])],
			{ image: zeros([1]), imgae: zeros([1]) },
			'it has no input "imgae", nearest are "image"',
		],
		[
			"a name that every object has",
			[port("toString", [1])],
			{},
			'input "toString" is missing, float32 [1] is wanted',
		],
		[
			"several things",
			[port("a", [1]), port("b", [1], "bool")],
			{ b: zeros([1]), c: zeros([1]) },
			'input "a" is missing, float32 [1] is wanted; input "b" is float32, bool is wanted; it has no input "c", nearest are "a", "b"',
		],
	])("rejects %s", (_, ports, inputs, problem) => {
		expect(() => checkInputs("s", ports, inputs)).toThrowError(
			expect.objectContaining({
				code: "INVALID",
				message: `cannot run signature "s": ${problem}`,
			}),
		);
	});
});

function port(
	name: string,
	shape: Shape,
	dtype: DType = "float32",
): SessionPort {
	return { name, dtype, shape };
}

function zeros(shape: readonly number[]) {
	const count = shape.reduce((product, size) => product * size, 1);
	return tensor("float32", shape, new Float32Array(count));
}
