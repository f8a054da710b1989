import { expect, test } from "vitest";
import { quantizeWeight } from "../../../../src/lib/targets/web/quantize.js";

test("numbers become steps as tensorflowjs_converter makes them: zero is one of them", () => {
	// quantization.py of tensorflowjs 4.22 on [0, -0.1, 1.2]
	const { bytes, quantization } = quantizeWeight(
		"w",
		Float32Array.of(0, -0.1, 1.2),
		"uint8",
	);
	expect([...bytes]).toEqual([20, 0, 255]);
	expect(quantization.dtype).toBe("uint8");
	expect(quantization.scale).toBeCloseTo(0.0050980394, 9);
	expect(quantization.min).toBeCloseTo(-0.1019607882, 9);
});

test("one number is kept as it is", () => {
	expect(quantizeWeight("w", Float32Array.of(3, 3), "uint16")).toMatchObject({
		bytes: new Uint8Array(4),
		quantization: { min: 3, scale: 1 },
	});
});

test.each([
	["float16", 1e6, /65504/],
	["uint8", Number.NaN, /NaN/],
] as const)("%s cannot hold %d", (type, value, says) => {
	expect(() => quantizeWeight("w", Float32Array.of(0, value), type)).toThrow(
		says,
	);
});
