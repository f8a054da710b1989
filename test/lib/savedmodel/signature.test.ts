import { describe, expect, test } from "vitest";
import {
	findMetaGraph,
	readSavedModel,
} from "../../../src/lib/savedmodel/read.js";
import {
	findSignature,
	listSignatures,
	shapeFromProto,
	signatureKeys,
} from "../../../src/lib/savedmodel/signature.js";

const ODD = findMetaGraph(readSavedModel("fixtures/saved/tag_sets"));
const DIGITS = findMetaGraph(readSavedModel("fixtures/models/digits/1"));

describe("findSignature()", () => {
	// expected values: fixtures/compat/digits__1.txt, what saved_model_cli prints
	test("gives names, tensors, types and shapes", () => {
		expect(findSignature(DIGITS)).toEqual({
			key: "serving_default",
			methodName: "tensorflow/serving/predict",
			inputs: [
				{
					name: "image",
					tensorName: "serving_default_image:0",
					dtype: "float32",
					shape: [-1, 28, 28, 1],
				},
			],
			outputs: [
				{
					name: "output_0",
					tensorName: "StatefulPartitionedCall_1:0",
					dtype: "float32",
					shape: [-1, 10],
				},
			],
			defaults: new Map(),
		});
	});

	test("offers the nearest keys for a wrong one, names of JavaScript among them", () => {
		for (const key of ["serving_defualt", "constructor", "__proto__"])
			expect(() => findSignature(DIGITS, key)).toThrow(
				expect.objectContaining({ code: "NOT_FOUND" }),
			);
		expect(() => findSignature(DIGITS, "serving_defualt")).toThrow(
			'cannot find signature "serving_defualt": nearest are "serving_default", "serve"',
		);
	});

	test("does not take the initializer for a signature", () => {
		expect(Object.keys(DIGITS.signatureDef)).toContain("__saved_model_init_op");
		expect(signatureKeys(DIGITS)).toEqual(["serve", "serving_default"]);
		expect(() => findSignature(DIGITS, "__saved_model_init_op")).toThrow(
			expect.objectContaining({ code: "NOT_FOUND" }),
		);
	});

	test("fails with UNSUPPORTED where an input is no plain tensor", () => {
		expect(() => findSignature(ODD, "odd")).toThrow(
			expect.objectContaining({
				code: "UNSUPPORTED",
				message: expect.stringMatching(
					/cannot use signature "odd": its input "(sparse|ragged)" is a (sparse|composite) tensor/,
				),
			}),
		);
	});
});

test("listSignatures() leaves out what cannot be used, and says nothing of it", () => {
	expect(listSignatures(ODD).map(({ key }) => key)).toEqual([
		"no inputs, \"quoted\" 'key' ü",
		"serving_default",
	]);
	expect(signatureKeys(ODD)).toContain("odd");
});

test("shapeFromProto() keeps unknown dimensions and ranks apart", () => {
	const shape = { $typeName: "tensorflow.TensorShapeProto" } as const;
	const dim = (size: bigint) =>
		({ $typeName: "tensorflow.TensorShapeProto.Dim", size, name: "" }) as const;
	expect(
		shapeFromProto({ ...shape, unknownRank: false, dim: [dim(-1n), dim(3n)] }),
	).toEqual([-1, 3]);
	expect(shapeFromProto({ ...shape, unknownRank: false, dim: [] })).toEqual([]);
	expect(
		shapeFromProto({ ...shape, unknownRank: true, dim: [] }),
	).toBeUndefined();
	expect(shapeFromProto(undefined)).toBeUndefined();
});
