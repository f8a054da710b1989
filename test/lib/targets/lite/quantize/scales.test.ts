import { expect, test } from "vitest";
import { SCHEMES } from "../../../../../src/lib/targets/lite/quantize/ranges.js";
import { quantizedWeight } from "../../../../../src/lib/targets/lite/quantize/scales.js";
import { heldConstant } from "../../../../../src/lib/tensor/constant.js";
import { tensorFromNumbers } from "../../../../../src/lib/tensor/numbers.js";

const weight = (shape: readonly number[], values: readonly number[]) =>
	heldConstant(tensorFromNumbers("float32", shape, values));

// TensorFlow Lite's quantization specification: int8 weights are in [-127, 127], with zero point 0
test("weights are int8 around zero, one scale a tensor", () => {
	const { constant, quantization } = quantizedWeight(
		weight([2, 2], [0.5, -1.27, 0.01, 0]),
	);
	expect(quantization.scale[0]).toBeCloseTo(0.01, 7);
	expect(quantization.zeroPoint).toEqual([0]);
	expect([...(constant.read().data as Int8Array)]).toEqual([50, -127, 1, 0]);
});

test("a scale a channel, along any axis", () => {
	const values = [1, 100, -2, 40];
	const rows = quantizedWeight(weight([2, 2], values), 0);
	expect([...(rows.constant.read().data as Int8Array)]).toEqual([
		1, 127, -6, 127,
	]);
	const columns = quantizedWeight(weight([2, 2], values), 1);
	expect([...(columns.constant.read().data as Int8Array)]).toEqual([
		64, 127, -127, 51,
	]);
	expect(columns.quantization.axis).toBe(1);
});

test("a channel of zeros stays zeros", () => {
	const { constant, quantization } = quantizedWeight(weight([2, 1], [0, 3]), 0);
	expect(quantization.scale[0]).toBe(1);
	expect([...(constant.read().data as Int8Array)]).toEqual([0, 127]);
});

// real = scale · (q - zero): zero is one of the integers, whatever the range
test.each([
	[{ min: 0, max: 255 }, 1, -128],
	[{ min: -1, max: 1 }, 2 / 255, 0],
	[{ min: 2, max: 51 }, 51 / 255, -128],
	[{ min: -51, max: -2 }, 51 / 255, 127],
])("numbers of %o as int8", (range, scale, zero) => {
	const { int8 } = SCHEMES;
	expect(int8.of(range).scale[0]).toBeCloseTo(scale, 7);
	expect(int8.of(range).zeroPoint).toEqual([zero]);
});

test("numbers as int16 lie around zero", () => {
	const { scale, zeroPoint } = SCHEMES.int16.of({ min: -3, max: 1 });
	expect(scale[0]).toBeCloseTo(3 / 32767, 9);
	expect(zeroPoint).toEqual([0]);
});
