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
			reason: "TensorFlow.js has no such operation",
		}),
	);
});

test("a survey fails for a signature that is not there", async () => {
	await expect(
		surveyEngines("fixtures/models/digits/2", { signature: "serving" }),
	).rejects.toMatchObject({ code: "NOT_FOUND" });
});
