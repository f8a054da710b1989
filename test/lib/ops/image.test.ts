import { expect, test } from "vitest";
import { nearestIndices } from "../../../src/lib/ops/image/resize.js";
import { inferOne, ints } from "../../one-node.js";

const picture = { dtype: "uint8" as const, shape: [-1, 4, 6, 3] };
const size = { dtype: "int32" as const, shape: [2] };

test("resizing gives float32, but the nearest pixels keep their type", () => {
	expect(inferOne("ResizeBilinear", [picture, ints(8, 9)])).toEqual([
		{ dtype: "float32", shape: [-1, 8, 9, 3] },
	]);
	expect(inferOne("ResizeNearestNeighbor", [picture, size])).toEqual([
		{ dtype: "uint8", shape: [-1, -1, -1, 3] },
	]);
});

test("resizing refuses what is no batch of pictures", () => {
	const flat = { dtype: "float32" as const, shape: [4, 6, 3] };
	expect(() => inferOne("ResizeBilinear", [flat, ints(8, 9)])).toThrow(
		"cannot resize an image of shape [4,6,3]: [batch, height, width, channels] is wanted",
	);
});

// resize_nearest_neighbor_op.cc: floor(i · 4/6), floor((i + 0.5) · 4/6), round(i · 3/5)
test.each([
	[{ alignCorners: false, halfPixelCenters: false }, [0, 0, 1, 2, 2, 3]],
	[{ alignCorners: false, halfPixelCenters: true }, [0, 1, 1, 2, 3, 3]],
	[{ alignCorners: true, halfPixelCenters: false }, [0, 1, 1, 2, 2, 3]],
])("nearestIndices() from 4 to 6 pixels, %j", (sampling, indices) => {
	expect(nearestIndices(4, 6, sampling)).toEqual(indices);
});

test("NonMaxSuppressionV4 has as many indices as were asked for only when it pads", () => {
	const inputs = [
		{ dtype: "float32" as const, shape: [9, 4] },
		{ dtype: "float32" as const, shape: [9] },
		{ dtype: "int32" as const, shape: [] },
		{ dtype: "float32" as const, shape: [] },
		{ dtype: "float32" as const, shape: [] },
	];
	const given = [
		...inputs.slice(0, 2),
		{ ...ints(5), shape: [] },
		...inputs.slice(3),
	];
	const attrs = { pad_to_max_output_size: true };
	expect(inferOne("NonMaxSuppressionV4", given)[0].shape).toEqual([-1]);
	expect(inferOne("NonMaxSuppressionV4", given, attrs)[0].shape).toEqual([5]);
});

test("CombinedNonMaxSuppression pads to no more than all classes can give, if so asked", () => {
	const scalar = (value: number) => ({ ...ints(value), shape: [] });
	const threshold = { dtype: "float32" as const, shape: [] };
	const inputs = [
		{ dtype: "float32" as const, shape: [-1, 20, 1, 4] },
		{ dtype: "float32" as const, shape: [-1, 20, 3] },
		scalar(2),
		scalar(10),
		threshold,
		threshold,
	];
	const attrs = { pad_per_class: true };
	expect(
		inferOne("CombinedNonMaxSuppression", inputs).map(({ shape }) => shape),
	).toEqual([[-1, 10, 4], [-1, 10], [-1, 10], [-1]]);
	expect(inferOne("CombinedNonMaxSuppression", inputs, attrs)[0].shape).toEqual(
		[-1, 6, 4],
	);
});
