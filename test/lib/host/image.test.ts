import { expect, test } from "vitest";
import { tensorOf } from "../../../src/lib/host/value.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { runStep } from "./steps.js";

const image = tensorFromNumbers("float32", [1, 2, 3, 1], [0, 1, 4, 9, 16, 25]);

function resized(op: string, attrs = {}, x = image, size = [3, 2]): number[] {
	const sizes = tensorFromNumbers("int32", [2], size);
	const [result] = runStep(op, [x, sizes], attrs);
	return Array.from(tensorOf(result).data as Float32Array);
}

// answers of TensorFlow 2.21
test.each([
	["ResizeBilinear", {}, [0, 2.5, 6, 14.5, 9, 20.5]],
	["ResizeBilinear", { align_corners: true }, [0, 4, 4.5, 14.5, 9, 25]],
	[
		"ResizeBilinear",
		{ half_pixel_centers: true },
		[0.25, 3.25, 5.5, 13, 10.75, 22.75],
	],
	["ResizeNearestNeighbor", {}, [0, 1, 0, 1, 9, 16]],
	["ResizeNearestNeighbor", { align_corners: true }, [0, 4, 9, 25, 9, 25]],
	["ResizeNearestNeighbor", { half_pixel_centers: true }, [0, 4, 9, 25, 9, 25]],
] as const)(
	"%s with %o takes pixels from where TensorFlow does",
	(op, attrs, wanted) => {
		expect(resized(op, attrs)).toEqual(wanted);
	},
);

test("integers are interpolated as floats", () => {
	const bytes = tensorFromNumbers("uint8", [1, 1, 2, 1], [10, 255]);
	const [, middle] = resized("ResizeBilinear", {}, bytes, [1, 3]);
	expect(middle).toBeCloseTo(173.3333, 3);
});

test("an image becomes no smaller than a pixel", () => {
	expect(() => resized("ResizeBilinear", {}, image, [0, 1])).toThrow(
		/\[1,2,3,1\] to \[0,1\]/,
	);
});
