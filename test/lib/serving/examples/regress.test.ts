import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	regress,
	valuesOf,
} from "../../../../src/lib/serving/examples/regress.js";
import type { Host } from "../../../../src/lib/serving/host.js";
import { type Tensor, tensor } from "../../../../src/lib/tensor/tensor.js";
import { exampleOf, halfPlusTwoHost, specOf } from "./half-plus-two.js";

let host: Host;

beforeAll(async () => {
	host = await halfPlusTwoHost();
});
afterAll(() => host.close());

describe("regress()", () => {
	// tensorflow_model_server_test.py, testRegress: x = 2 gives 3
	test("answers as upstream does", async () => {
		const examples = [exampleOf({ x: 2 }), exampleOf({ x: 80 })];
		expect(await regress(host, specOf("regress_x_to_y"), { examples })).toEqual(
			{ version: 123n, results: Float32Array.of(3, 42) },
		);
	});

	// the texts are TensorFlow Serving's (regressor.cc)
	test.each([
		[
			"no_such",
			/^No signature was found with the name: no_such; the model has/,
		],
		[
			"",
			/^No regression inputs found in SignatureDef: inputs \{\n {2}key: "x"/,
		],
		[
			"classify_x_to_y",
			/^No regression outputs found in SignatureDef: inputs \{/,
		],
	])("refuses signature %j in upstream's words", async (signature, message) => {
		const examples = [exampleOf({ x: 2 })];
		await expect(
			regress(host, specOf(signature), { examples }),
		).rejects.toMatchObject({
			code: "INVALID",
			message: expect.stringMatching(message),
		});
	});
});

describe("valuesOf()", () => {
	const floats = (...shape: number[]) =>
		tensor("float32", shape, Float32Array.of(1, 2));

	test("takes a vector, or a matrix of one column", () => {
		expect(valuesOf({ outputs: floats(2) }, 2)).toEqual(Float32Array.of(1, 2));
		expect(valuesOf({ outputs: floats(2, 1) }, 2)).toEqual(
			Float32Array.of(1, 2),
		);
	});

	// regressor.cc, PostProcessRegressionResult
	test.each<[Tensor, string]>([
		[
			floats(1, 2),
			"Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [1,2]",
		],
		[floats(2), "Input batch size did not match output batch size: 1 vs. 2"],
		[
			tensor("int32", [1], Int32Array.of(1)),
			"Expected output Tensor of DT_FLOAT.  Got: DT_INT32",
		],
	])("refuses an output in upstream's words %#", (outputs, message) => {
		expect(() => valuesOf({ outputs }, 1)).toThrowError(
			expect.objectContaining({ code: "INVALID", message }),
		);
	});
});
