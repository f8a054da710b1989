import { describe, expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { tensorOf } from "../../../src/lib/host/value.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { runStep } from "./steps.js";

function vector(dtype: DType, ...values: number[]): Tensor {
	return tensorFromNumbers(dtype, [values.length], values);
}

function matrix(dtype: DType, columns: number, ...values: number[]): Tensor {
	return tensorFromNumbers(dtype, [values.length / columns, columns], values);
}

function ends(...values: number[]): Tensor[] {
	return values.map((value) => tensorFromNumbers("float32", [], [value]));
}

function answers(op: string, inputs: readonly Tensor[], attrs: Attrs = {}) {
	return runStep(op, inputs, attrs).map((value) =>
		Array.from(tensorOf(value).data as Int32Array),
	);
}

const values = vector("float32", -3, -2.5, -2, -1.5, -1);

// all answers in this file are TensorFlow 2.21's
test.each([
	["qint8", "SCALED", [-127, -106, -85, -64, -42], -3.0236220359802246, -3],
	["quint8", "MIN_COMBINED", [0, 0, 0, 26, 51], -2, -2],
	["qint16", "MIN_FIRST", [-32768, -32768, -32768, -26215, -19661], -2, -2],
	["quint16", "MIN_FIRST", [0, 0, 0, 6553, 13107], -2, -2],
	["quint16", "MIN_COMBINED", [0, 0, 0, 6554, 13107], -2, -2],
	["quint8", "SCALED", [0, 0, 0, 0, 0], 0, 0],
] as const)("floats become %s in mode %s", (T, mode, wanted, low, given) => {
	const range = mode === "SCALED" ? ends(-3, 3) : ends(given, 3);
	expect(answers("QuantizeV2", [values, ...range], { T, mode })).toEqual([
		wanted,
		[low],
		[3],
	]);
});

test("a range is widened until it holds zero and is not nothing", () => {
	const attrs = { T: "quint8" } as const;
	const [, low, high] = answers("QuantizeV2", [values, ...ends(1, 1)], attrs);
	expect([low, high]).toEqual([[0], [1]]);
	const none = answers("QuantizeV2", [values, ...ends(0, 0)], attrs);
	expect(none.slice(1)).toEqual([[0], [Math.fround(0.01)]]);
	expect(() => answers("QuantizeV2", [values, ...ends(2, 1)], attrs)).toThrow(
		/from 2 to 1/,
	);
});

test("channels have ranges of their own, as many as there are", () => {
	const x = matrix("float32", 2, 1, 1, -1, -1);
	const ranges = [vector("float32", -1, -2), vector("float32", 1, 2)];
	const attrs = { T: "qint8", mode: "SCALED", axis: 1 } as const;
	expect(answers("QuantizeV2", [x, ...ranges], attrs)[0]).toEqual([
		127, 64, -127, -64,
	]);
	expect(() => answers("QuantizeV2", [x, ...ends(-1, 1)], attrs)).toThrow(
		/2 channels with 1 numbers/,
	);
});

const a = matrix("quint8", 3, 0, 128, 255, 7, 8, 9);

describe("layers of quantized graphs", () => {
	// -3 … 4 in 256 steps: 0 is step 109
	const range = ends(-3, 4);

	test("multiply matrices and keep what the products stand for", () => {
		const inputs = [a, a, ...range, ...range];
		const attrs = { Toutput: "qint32", transpose_b: true };
		const [product, low, high] = answers("QuantizedMatMul", inputs, attrs);
		// (0-109)² + (128-109)² + (255-109)² = 33558, …
		expect(product).toEqual([33558, -5401, -5401, 30605]);
		expect(low).toEqual([-1618249.875]);
		expect(high).toEqual([1618249.875]);
	});

	test("hold what is below zero", () => {
		expect(answers("QuantizedRelu", [a, ...range])).toEqual([
			[109, 128, 255, 109, 109, 109],
			[-3],
			[4],
		]);
	});

	test("join different ranges in one", () => {
		const axis = tensorFromNumbers("int32", [], [0]);
		const other = matrix("quint8", 3, 0, 128, 255);
		const lows = ends(-3, -1);
		const highs = ends(4, 1);
		const joined = answers("QuantizedConcat", [
			axis,
			a,
			other,
			...lows,
			...highs,
		]);
		expect(joined).toEqual([[0, 128, 255, 7, 8, 9, 73, 109, 146], [-3], [4]]);
	});

	test("become smaller integers of the range that they use", () => {
		const sums = vector("qint32", -1_000_000, 0, 3_000_000);
		const [values8, low, high] = answers(
			"QuantizeDownAndShrinkRange",
			[sums, ...ends(-1000, 1000)],
			{ out_type: "quint8" },
		);
		expect(values8).toEqual([0, 64, 255]);
		expect(low[0]).toBeCloseTo(-0.4657, 4);
		expect(high[0]).toBeCloseTo(1.397, 3);
	});

	test("refuse shapes that do not meet", () => {
		const inputs = [a, a, ...range, ...range];
		expect(() => answers("QuantizedMatMul", inputs)).toThrow(
			/3 columns meet 2 rows/,
		);
	});
});

test("uniform numbers are rounded up at a half and clipped", () => {
	const x = vector("float32", -100, -0.25, 0.25, 0.75, 100);
	const scale = [
		tensorFromNumbers("float32", [], [0.5]),
		tensorFromNumbers("int32", [], [3]),
	];
	const attrs = {
		Tout: "qint8",
		quantization_min_val: -128,
		quantization_max_val: 127,
	};
	expect(answers("UniformQuantize", [x, ...scale], attrs)).toEqual([
		[-128, 3, 4, 5, 127],
	]);
	const back = { ...attrs, Tout: "float32" };
	const steps = vector("qint8", -128, 3, 4, 5, 127);
	expect(answers("UniformDequantize", [steps, ...scale], back)).toEqual([
		[-65.5, 0, 0.5, 1, 62],
	]);
	const [, zero] = scale;
	const none = tensorFromNumbers("float32", [], [0]);
	expect(() => answers("UniformQuantize", [x, none, zero], attrs)).toThrow(
		/scale of 0/,
	);
});

test("nothing stays nothing", () => {
	const empty = tensorFromNumbers("float32", [0, 2], []);
	const attrs = { T: "quint8" };
	expect(answers("QuantizeV2", [empty, ...ends(-1, 1)], attrs)).toEqual([
		[],
		[-1],
		[1],
	]);
});
