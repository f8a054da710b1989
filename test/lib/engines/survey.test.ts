import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { surveyEngines } from "../../../src/lib/engines/survey.js";

test("a survey asks every engine about every signature, the preferred engine first", async () => {
	const answers = await surveyEngines("fixtures/models/control/1");
	expect(answers.map(({ signature }) => signature)).toEqual([
		"branch",
		"find",
		"loop",
	]);
	for (const { engines } of answers)
		expect(engines.map(({ name }) => name)).toEqual([
			"onnx",
			"tfjs",
			"tfjs-node",
		]);
});

test("a survey says of each operation where it is and why it does not run", async () => {
	const [{ engines }] = await surveyEngines("fixtures/models/control/1", {
		signature: "find",
	});
	const tfjs = engines.find(({ name }) => name === "tfjs");
	expect(tfjs?.obstacles).toContainEqual(
		expect.objectContaining({
			op: "LookupTableFindV2",
			count: 1,
			reason: "TensorFlow.js has no string tensors",
		}),
	);
});

test("a survey fails for a signature that is not there", async () => {
	await expect(
		surveyEngines("fixtures/models/digits/2", { signature: "serving" }),
	).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("an ONNX file is run by the engine that has files, and refused by the others with a reason", async () => {
	const [{ engines }] = await surveyEngines("fixtures/onnx/mlp/1");
	expect(
		engines.map(({ name, obstacles }) => [name, obstacles.length]),
	).toEqual([
		["onnx", 0],
		["tfjs", 1],
		["tfjs-node", 1],
	]);
});

test("a graph that nobody can read is refused by every engine, for the same reason", async () => {
	const dir = mkdtempSync(join(tmpdir(), "mlship-survey-"));
	writeFileSync(
		join(dir, "saved_model.pbtxt"),
		`saved_model_schema_version: 1
		meta_graphs {
			meta_info_def { tags: "serve" }
			graph_def { node { name: "y" op: "Identity" input: "away" } }
			signature_def { key: "serving_default" value {
				outputs { key: "y" value { name: "y:0" dtype: DT_FLOAT tensor_shape {} } }
			} }
		}`,
	);
	const [{ engines }] = await surveyEngines(dir);
	rmSync(dir, { recursive: true });
	expect(engines).toHaveLength(3);
	for (const { obstacles } of engines)
		expect(obstacles).toEqual([{ reason: expect.stringContaining("away") }]);
});
