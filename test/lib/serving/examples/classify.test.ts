import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	classesOf,
	classify,
} from "../../../../src/lib/serving/examples/classify.js";
import type { Host } from "../../../../src/lib/serving/host.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import { exampleOf, halfPlusTwoHost, MODEL, specOf } from "./half-plus-two.js";

let host: Host;

beforeAll(async () => {
	host = await halfPlusTwoHost();
});
afterAll(() => host.close());

const NO_LABEL = new Uint8Array(0);

describe("classify()", () => {
	// tensorflow_model_server_test.py, testClassify: x = 2 scores 3, without a label
	test("answers as upstream does", async () => {
		const spec = specOf("classify_x_to_y");
		const examples = [exampleOf({ x: 2 }), exampleOf({ x: 20 })];
		expect(await classify(host, spec, { examples })).toEqual({
			version: 123n,
			results: [
				[{ label: NO_LABEL, score: 3 }],
				[{ label: NO_LABEL, score: 12 }],
			],
		});
	});

	test("gives all examples the features of the context, their own first", async () => {
		const examples = [exampleOf({}), exampleOf({ x: 2 })];
		const context = exampleOf({ x: 8 });
		const { results } = await classify(host, specOf("classify_x_to_y"), {
			examples,
			context,
		});
		expect(results.flat().map(({ score }) => score)).toEqual([6, 3]);
	});

	// the texts are TensorFlow Serving's (classifier.cc, util.cc)
	test.each([
		[
			"no_such",
			/^No signature was found with the name: no_such; the model has/,
		],
		[
			"",
			/^No classification inputs found in SignatureDef: inputs \{\n {2}key: "x"/,
		],
		[
			"regress_x_to_y",
			/^Expected classification signature outputs to contain at least one of "classes" or "scores"\. Signature was: inputs \{/,
		],
	])("refuses signature %j in upstream's words", async (signature, message) => {
		const examples = [exampleOf({ x: 2 })];
		await expect(
			classify(host, specOf(signature), { examples }),
		).rejects.toMatchObject({
			code: "INVALID",
			message: expect.stringMatching(message),
		});
	});

	test("refuses no examples, after an unknown model and an unknown signature", async () => {
		const none = { examples: [] };
		await expect(
			classify(host, specOf("classify_x_to_y"), none),
		).rejects.toMatchObject({ code: "INVALID", message: "Input is empty." });
		await expect(classify(host, specOf("no_such"), none)).rejects.toMatchObject(
			{ upstream: expect.stringMatching(/no_such$/) },
		);
		await expect(
			classify(host, specOf("no_such", "m"), none),
		).rejects.toMatchObject({ code: "NOT_FOUND" });
	});

	test("stops waiting when its signal aborts", async () => {
		const signal = AbortSignal.abort(new Error("gone"));
		const examples = [exampleOf({ x: 2 })];
		await expect(
			classify(host, specOf("classify_x_to_y"), { examples }, { signal }),
		).rejects.toThrow("gone");
		expect(host.isAvailable(MODEL)).toBe(true);
	});
});

const scores = (...shape: number[]) =>
	tensor("float32", shape, Float32Array.of(0.25, 0.75).subarray(0, 2));
const classes = (...shape: number[]) =>
	tensor("string", shape, [Buffer.from("a"), Buffer.from("b")]);

describe("classesOf()", () => {
	test("joins labels and scores, and does without either", () => {
		const plain = (outputs: Record<string, Tensor>) =>
			classesOf(outputs, 1).map((row) =>
				row.map(({ label, score }) => [Buffer.from(label).toString(), score]),
			);
		expect(plain({ classes: classes(1, 2), scores: scores(1, 2) })).toEqual([
			[
				["a", 0.25],
				["b", 0.75],
			],
		]);
		expect(plain({ classes: classes(1, 2) })).toEqual([
			[
				["a", 0],
				["b", 0],
			],
		]);
		expect(plain({ scores: scores(1, 2) })).toEqual([
			[
				["", 0.25],
				["", 0.75],
			],
		]);
	});

	// classifier.cc, PostProcessClassificationResult
	test.each<[Record<string, Tensor>, string]>([
		[
			{ scores: scores(2) },
			"Expected Tensor shape: [batch_size num_classes] but got [2]",
		],
		[
			{ classes: scores(2, 1) },
			"Expected classes Tensor of DT_STRING. Got: DT_FLOAT",
		],
		[
			{ scores: classes(2, 1) },
			"Expected scores Tensor of DT_FLOAT. Got: DT_STRING",
		],
		[
			{ scores: scores(1, 2) },
			"Expected scores output batch size of 2. Got: 1",
		],
		[
			{
				classes: classes(2, 1),
				scores: tensor("float32", [2, 0], new Float32Array()),
			},
			"Tensors class and score should match in dim_size(1). Got 1 vs. 0",
		],
	])("refuses outputs in upstream's words %#", (outputs, message) => {
		expect(() => classesOf(outputs, 2)).toThrowError(
			expect.objectContaining({ code: "INVALID", message }),
		);
	});
});
