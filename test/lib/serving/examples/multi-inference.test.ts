import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	type InferenceTask,
	multiInference,
} from "../../../../src/lib/serving/examples/multi-inference.js";
import type { Host } from "../../../../src/lib/serving/host.js";
import { exampleOf, halfPlusTwoHost, MODEL, specOf } from "./half-plus-two.js";

let host: Host;

beforeAll(async () => {
	host = await halfPlusTwoHost();
});
afterAll(() => host.close());

const REGRESS = "tensorflow/serving/regress";
const CLASSIFY = "tensorflow/serving/classify";

function task(signature: string, methodName = REGRESS, model = MODEL) {
	return { spec: specOf(signature, model), methodName };
}

const examples = [exampleOf({ x: 2 })];

describe("multiInference()", () => {
	// tensorflow_model_server_test.py, testMultiInference; y2 is x / 2 + 3
	test("asks all signatures about the same examples, as upstream does", async () => {
		const tasks = [
			task("regress_x_to_y"),
			task("classify_x_to_y", CLASSIFY),
			task("regress_x_to_y2"),
		];
		expect(await multiInference(host, tasks, { examples })).toEqual({
			version: 123n,
			results: [
				{
					signature: "regress_x_to_y",
					kind: "regression",
					results: Float32Array.of(3),
				},
				{
					signature: "classify_x_to_y",
					kind: "classification",
					results: [[{ label: new Uint8Array(0), score: 3 }]],
				},
				{
					signature: "regress_x_to_y2",
					kind: "regression",
					results: Float32Array.of(4),
				},
			],
		});
	});

	// multi_inference_test.cc and multi_inference.cc
	test.each<[readonly InferenceTask[], string, string]>([
		[[], "INVALID", "ModelSpec has no name specified."],
		[
			[task("regress_x_to_y", REGRESS, "m")],
			"NOT_FOUND",
			"Servable not found for request: Latest(m)",
		],
		[
			[task("regress_x_to_y"), task("classify_x_to_y", CLASSIFY, "")],
			"INVALID",
			"Found ModelSpec with an empty model name.",
		],
		[
			[task("regress_x_to_y"), task("classify_x_to_y", CLASSIFY, "m")],
			"INVALID",
			"All ModelSpecs in a MultiInferenceRequest must access the same model name.",
		],
		[
			[task("regress_x_to_y"), task("regress_x_to_y")],
			"INVALID",
			"Duplicate evaluation of signature: regress_x_to_y",
		],
		[
			[task("no_such")],
			"INVALID",
			"Requested signature not found in model graph: no_such",
		],
		[
			[task("", "tensorflow/serving/predict")],
			"UNSUPPORTED",
			"Unsupported signature method_name: tensorflow/serving/predict",
		],
	])("refuses tasks in upstream's words %#", async (tasks, code, upstream) => {
		await expect(
			multiInference(host, tasks, { examples }),
		).rejects.toMatchObject({ code, upstream });
	});

	test("refuses no examples", async () => {
		await expect(
			multiInference(host, [task("regress_x_to_y")], { examples: [] }),
		).rejects.toMatchObject({ code: "INVALID", message: "Input is empty." });
	});
});
