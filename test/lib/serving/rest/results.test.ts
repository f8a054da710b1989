import { describe, expect, test } from "vitest";
import {
	encodeClassification,
	encodeRegression,
} from "../../../../src/lib/serving/rest/results.js";

// The layouts are what rapidjson 1.1's PrettyWriter writes for the calls in json_tensor.cc; the cases json_tensor_test.cc's.

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const classOf = (label: string, score: number) => ({
	label: Buffer.from(label),
	score: Math.fround(score),
});

describe("encodeClassification()", () => {
	test("JsonFromClassificationResult", () => {
		const results = [
			[classOf("car", 0.2), classOf("dog", 0.9), classOf("cat", 1)],
			[classOf("", Number.NaN), classOf('"\u0001', -Infinity)],
			[],
		];
		expect(text(encodeClassification(results))).toBe(
			'{\n    "results": [[["car", 0.2], ["dog", 0.9], ["cat", 1.0]], [["", NaN], ["\\"\\u0001", -Infinity]], []\n    ]\n}',
		);
	});

	test("JsonFromResultErrors", () => {
		expect(() => encodeClassification([])).toThrowError(
			"Cannot convert empty ClassificationResults to JSON",
		);
	});
});

describe("encodeRegression()", () => {
	test.each([
		[[0.2, 0.9, 1], "[0.2, 0.9, 1.0]"],
		[[Infinity, Number.NaN, 1e6], "[Infinity, NaN, 1e+06]"],
	])("JsonFromRegressionResult: %j", (values, list) => {
		expect(text(encodeRegression(Float32Array.from(values)))).toBe(
			`{\n    "results": ${list}\n}`,
		);
	});

	test("JsonFromResultErrors", () => {
		expect(() => encodeRegression(new Float32Array())).toThrowError(
			"Cannot convert empty RegressionResults to JSON",
		);
	});
});
