import { describe, expect, test } from "vitest";
import {
	summarize,
	withSignature,
} from "../../../src/lib/savedmodel/summary.js";

describe("summarize()", () => {
	// The numbers of Keras' own summary() for this network: Conv2D(16), Conv2D(32), BatchNormalization, Dense(10).
	const digits = summarize("fixtures/models/digits/2");
	const [graph] = digits.metaGraphs;

	test("counts the weights that signatures read, once each", () => {
		expect(graph.weights).toHaveLength(10);
		expect(graph.weights.reduce((sum, w) => sum + w.parameters, 0)).toBe(
			3 * 3 * 1 * 16 + 16 + (3 * 3 * 16 * 32 + 32) + 4 * 32 + (800 * 10 + 10),
		);
		expect(graph.weights[0]).toMatchObject({
			name: "sequential_1/digit/kernel_1",
			dtype: "float32",
			shape: [800, 10],
			parameters: 8000,
			byteLength: 32000,
		});
	});

	test("knows the checkpoint apart from what is used of it", () => {
		// tf.train.list_variables: 21 variables and the object graph
		expect(digits.checkpoint).toMatchObject({ tensors: 22, shards: 1 });
	});

	test("lists layers with their weights in the order of the graph", () => {
		expect(
			graph.layers.map(({ name, ops, parameters }) => [
				name,
				ops[0],
				parameters,
			]),
		).toEqual([
			["conv2d_1", "Conv2D", 160],
			["max_pooling2d_1", "MaxPool", 0],
			["conv2d_1_2", "Conv2D", 4640],
			["batch_normalization_1", "AddV2", 128],
			["re_lu_1", "Relu", 0],
			["max_pooling2d_1_2", "MaxPool", 0],
			["flatten_1_1", "Shape", 0],
			["digit_1", "MatMul", 8010],
		]);
	});

	test("counts operations in functions too, and which of them are used", () => {
		const count = (op: string) => graph.ops.find((row) => row.op === op);
		expect(count("Conv2D")).toEqual({ op: "Conv2D", count: 2, used: 2 });
		expect(count("RestoreV2")).toEqual({ op: "RestoreV2", count: 1, used: 0 });
		expect(
			graph.functions.filter(({ used }) => used).map(({ name }) => name),
		).toEqual([
			"__inference___call___10533",
			"__inference_signature_wrapper___call___10584",
			"__inference_signature_wrapper___call___10559",
		]);
	});

	test("describes signatures that cannot be used, initializers aside", () => {
		const { metaGraphs } = summarize("fixtures/saved/tag_sets", ["serve"]);
		expect(metaGraphs).toHaveLength(1);
		const odd = metaGraphs[0].signatures.find(({ key }) => key === "odd");
		expect(
			odd?.inputs.map(({ name, kind, dtype, shape }) => [
				name,
				kind,
				dtype,
				shape,
			]),
		).toEqual([
			["ragged", "composite", "DT_INVALID", undefined],
			["sparse", "sparse", "float32", [-1, 4]],
			["x", "dense", "float32", [-1, 2]],
		]);
		expect(odd?.inputs[1].tensorNames).toEqual([
			"sparse/indices:0",
			"sparse/values:0",
			"sparse/shape:0",
		]);
		expect(graph.signatures.map(({ key }) => key)).toEqual([
			"serve",
			"serving_default",
		]);
	});

	test("finds the weights of TensorFlow 1 and the files of tables", () => {
		const half = summarize("fixtures/models/tensorflow/half_plus_two/00000123");
		expect(half.metaGraphs[0].weights.map(({ name }) => name).sort()).toEqual([
			"a",
			"b",
			"c",
		]);
		expect(half.metaGraphs[0].assets).toEqual(["foo.txt"]);
	});

	test("reads a model without a checkpoint", () => {
		const matrix = summarize(
			"fixtures/models/tensorflow-serving/matrix_half_plus_two/1",
		);
		expect(matrix.checkpoint).toBeUndefined();
		expect(matrix.metaGraphs[0].constants.count).toBeGreaterThan(0);
	});
});

describe("withSignature()", () => {
	const tagSets = summarize("fixtures/saved/tag_sets");

	test("keeps the graphs that have it", () => {
		const { metaGraphs } = withSignature(tagSets, "serving_default");
		expect(metaGraphs.map(({ tags }) => tags.join())).toEqual([
			"serve",
			"serve,gpu",
		]);
		expect(
			metaGraphs.flatMap(({ signatures }) => signatures.map(({ key }) => key)),
		).toEqual(["serving_default", "serving_default"]);
	});

	test("fails with NOT_FOUND and the nearest keys", () => {
		expect(() => withSignature(tagSets, "trian")).toThrow(
			expect.objectContaining({
				code: "NOT_FOUND",
				message: expect.stringContaining('nearest are "train"'),
			}),
		);
	});
});
