import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ModelProtoSchema } from "../src/gen/onnx_pb.js";
import { findModels } from "../src/lib/repository/list.js";
import { isComplete } from "../src/lib/repository/ready.js";
import { summarizeVersion } from "../src/lib/repository/version.js";
import { loadModel } from "../src/lib/serving/load.js";
import { predict } from "../src/lib/serving/predict.js";
import { readCases } from "./cases.js";
import { difference } from "./close.js";

const MODELS = "fixtures/onnx";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "mlship-"));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

const names = readdirSync(MODELS, { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => name);

describe.each([0, 1])("with %i workers", (workers) => {
	test.each(names)("%s answers as onnx's reference evaluator", async (name) => {
		const version = await loadModel(join(MODELS, name, "1"), { workers });
		try {
			for (const { inputs, outputs } of readCases(
				join(MODELS, name, "cases.json"),
			)) {
				const actual = await predict(version, "serving_default", inputs);
				expect(Object.keys(actual).sort()).toEqual(Object.keys(outputs).sort());
				for (const [key, expected] of Object.entries(outputs))
					expect(difference(actual[key], expected)).toBeUndefined();
			}
		} finally {
			await version.close();
		}
	});
});

test("symbolic sizes are unknown, and weights among the inputs are none", () => {
	const [{ signatures }] = summarizeVersion("fixtures/onnx/mlp/1").metaGraphs;
	expect(signatures).toMatchObject([
		{
			key: "serving_default",
			inputs: [{ name: "x", dtype: "float32", shape: [-1, 4] }],
			outputs: [{ name: "y", dtype: "float32", shape: [-1, 3] }],
		},
	]);
});

test("a summary has the operator sets, the producer, and what no caller gets", () => {
	expect(summarizeVersion("fixtures/onnx/classifier/1").onnx).toEqual({
		irVersion: 8,
		opsets: { "ai.onnx": 17, "ai.onnx.ml": 1 },
		producer: "skl2onnx 1.17.0",
		leftOut: [],
	});
	expect(summarizeVersion("fixtures/onnx/pieces/1").onnx?.leftOut).toEqual([
		{ name: "parts", reason: "a sequence of tensors" },
	]);
});

test("a file is a model of its name, its folder a version", () => {
	cpSync("fixtures/onnx/mlp/1/model.onnx", join(folder, "iris.onnx"));
	expect(findModels(join(folder, "iris.onnx"))).toMatchObject([
		{ name: "iris", versions: [{ version: 1n }] },
	]);
	mkdirSync(join(folder, "mlp"));
	cpSync("fixtures/onnx/mlp/1", join(folder, "mlp", "7"), { recursive: true });
	for (const path of ["mlp", "mlp/7", "mlp/7/model.onnx"])
		expect(findModels(join(folder, path))).toMatchObject([
			{ name: "mlp", versions: [{ version: 7n }] },
		]);
});

test("a version is complete when all of its weights are there", () => {
	cpSync("fixtures/onnx/beside/1", join(folder, "1"), { recursive: true });
	expect(isComplete(join(folder, "1"))).toEqual({ complete: true });
	truncateSync(join(folder, "1", "weights.bin"), 100);
	expect(isComplete(join(folder, "1"))).toEqual({
		complete: false,
		reason: "weights.bin has 100 bytes, the model wants 268",
	});
	rmSync(join(folder, "1", "weights.bin"));
	expect(isComplete(join(folder, "1"))).toEqual({
		complete: false,
		reason: "weights.bin is not there",
	});
});

const FLOATS = {
	value: {
		case: "tensorType" as const,
		value: { elemType: 1, shape: { dim: [] } },
	},
};

function modelOf(opType: string, opset: bigint, irVersion = 8n): Uint8Array {
	return toBinary(
		ModelProtoSchema,
		create(ModelProtoSchema, {
			irVersion,
			opsetImport: [{ version: opset }],
			graph: {
				name: "g",
				node: [{ opType, input: ["x"], output: ["y"], name: "n" }],
				input: [{ name: "x", type: FLOATS }],
				output: [{ name: "y", type: FLOATS }],
			},
		}),
	);
}

test.each([
	["an operation nobody has", modelOf("Frobnicate", 17n), "UNSUPPORTED"],
	["an operator set of the future", modelOf("Relu", 999n), "UNSUPPORTED"],
	["a file form of the future", modelOf("Relu", 17n, 999n), "UNSUPPORTED"],
	["half of a file", modelOf("Relu", 17n).subarray(0, 30), "CORRUPT"],
	["noise", Uint8Array.from({ length: 99 }, (_, i) => i * 37), "CORRUPT"],
	["nothing", new Uint8Array(0), "CORRUPT"],
])("%s is refused as %3$s", async (_, bytes, code) => {
	const path = join(folder, "odd.onnx");
	writeFileSync(path, bytes);
	await expect(loadModel(path, { workers: 0 })).rejects.toMatchObject({ code });
});

test("weights outside of the model's folder are refused", async () => {
	const path = join(folder, "away.onnx");
	const model = create(ModelProtoSchema, {
		irVersion: 8n,
		opsetImport: [{ version: 17n }],
		graph: {
			name: "g",
			initializer: [
				{
					name: "w",
					dims: [1n],
					dataType: 1,
					dataLocation: 1,
					externalData: [{ key: "location", value: "../secret" }],
				},
			],
			node: [{ opType: "Relu", input: ["w"], output: ["y"] }],
			output: [{ name: "y", type: FLOATS }],
		},
	});
	writeFileSync(path, toBinary(ModelProtoSchema, model));
	await expect(loadModel(path, { workers: 0 })).rejects.toMatchObject({
		code: "CORRUPT",
		message: expect.stringContaining('"../secret"'),
	});
});

test("an engine for SavedModels alone says so", async () => {
	await expect(
		loadModel("fixtures/onnx/mlp/1", { engine: "tfjs", workers: 0 }),
	).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
