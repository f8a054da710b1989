import { expect, test } from "vitest";
import { inferTypes } from "../../../../src/lib/graph/infer.js";
import { PASSES } from "../../../../src/lib/passes/index.js";
import { lowerToOnnx } from "../../../../src/lib/targets/onnx/lower.js";
import { OpenedModel } from "../../../corpus.js";

const countsOf = (dir: string, signature = "serving_default") => {
	const program = PASSES.reduce(
		(current, { pass }) => pass(current),
		new OpenedModel(dir).program(signature),
	);
	const counts = new Map<string, number>();
	for (const { op } of lowerToOnnx(program, inferTypes(program), signature)
		.nodes)
		counts.set(op, (counts.get(op) ?? 0) + 1);
	return counts;
};

// efficientnet also turns the factors of its squeezed channels, a vector that was reshaped to a picture of one pixel
test.each([
	["zoo_resnet", 1],
	["mobile", 1],
	["zoo_efficientnet", 2],
])(
	"%s goes through all its convolutions with %i transpositions, the picture's among them",
	(name, transpositions) => {
		const counts = countsOf(`fixtures/models/${name}/1`);
		expect(counts.get("Conv")).toBeGreaterThan(3);
		expect(counts.get("Transpose")).toBe(transpositions);
	},
);

test("a batch normalization leaves nothing behind its convolution", () => {
	const counts = countsOf("models/digits/2");
	expect(Object.fromEntries(counts)).toMatchObject({ Conv: 2 });
	expect(
		[...counts.keys()].filter((op) =>
			["Mul", "Sub", "BatchNormalization", "Reciprocal"].includes(op),
		),
	).toEqual([]);
});
