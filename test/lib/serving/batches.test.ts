import { describe, expect, test } from "vitest";
import {
	batchesOf,
	fixedRows,
	predictBatches,
} from "../../../src/lib/serving/batches.js";
import { loadModel } from "../../../src/lib/serving/load.js";
import { predict } from "../../../src/lib/serving/predict.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";
import { fakeEngine, HALF_PLUS_TWO } from "./fake.js";

const rows = (...values: number[]) =>
	tensor("float32", [values.length, 1], Float32Array.from(values));

describe("batchesOf()", () => {
	test("cuts all inputs alike", () => {
		const batches = batchesOf({ x: rows(1, 2, 3), y: rows(4, 5, 6) }, 2);
		expect(batches).toEqual([
			{ inputs: { x: rows(1, 2), y: rows(4, 5) }, rows: 2 },
			{ inputs: { x: rows(3), y: rows(6) }, rows: 1 },
		]);
	});

	test("keeps inputs without rows as one batch", () => {
		expect(batchesOf({ x: rows() }, 2)).toEqual([
			{ inputs: { x: rows() }, rows: 0 },
		]);
		expect(batchesOf({}, 2)).toEqual([{ inputs: {}, rows: 0 }]);
	});

	test.each([rows(1), tensor("float32", [], Float32Array.of(1))])(
		"refuses inputs of unlike length: %o",
		(other) => {
			expect(() => batchesOf({ x: rows(1, 2), y: other }, 1)).toThrow(
				'cannot run in batches of 1: input "y" has shape',
			);
		},
	);
});

describe("predictBatches()", () => {
	test("joins outputs in order and tells how far it is", async () => {
		const version = await loadModel(
			`${HALF_PLUS_TWO}/00000123`,
			{},
			fakeEngine,
		);
		const told: number[] = [];
		const outputs = await predictBatches(
			(inputs) => predict(version, "serving_default", inputs),
			batchesOf({ x: rows(2, 4, 6) }, 2),
			(done) => told.push(done),
		);
		expect(outputs).toEqual({ y: rows(3, 4, 5) });
		expect(told).toEqual([2, 3]);
		await version.close();
	});

	test("refuses outputs whose rows are not those of the inputs", async () => {
		const whole = tensor("float32", [], Float32Array.of(1));
		await expect(
			predictBatches(
				async () => ({ y: whole }),
				batchesOf({ x: rows(2, 4) }, 1),
			),
		).rejects.toThrow(
			'cannot run in batches: output "y" has shape [] for 1 rows',
		);
	});
});

test("fixedRows() is the size that a signature leaves no choice about", () => {
	expect(fixedRows([{ shape: [-1, 2] }, { shape: undefined }])).toBeUndefined();
	expect(fixedRows([{ shape: [-1, 2] }, { shape: [4, 2] }])).toBe(4);
	expect(fixedRows([])).toBeUndefined();
});
