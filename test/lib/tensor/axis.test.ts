import { expect, test } from "vitest";
import { concat, gatherAxis, sliceAxes } from "../../../src/lib/tensor/axis.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";
import { counting } from "../../one-node.js";

test("gatherAxis() takes slices along any axis, in any order", () => {
	const x = counting(2, 3);
	expect(gatherAxis(x, 1, [2, 0, 2])).toMatchObject({
		shape: [2, 3],
		data: Float32Array.of(3, 1, 3, 6, 4, 6),
	});
	expect(gatherAxis(x, 0, [])).toMatchObject({ shape: [0, 3] });
	for (const index of [-1, 3])
		expect(() => gatherAxis(x, 1, [index])).toThrow(
			`cannot take index ${index} of an axis of size 3`,
		);
});

test("gatherAxis() keeps the two parts of complex numbers together", () => {
	const x = tensor("complex64", [2], Float32Array.of(1, 2, 3, 4));
	expect(gatherAxis(x, 0, [1, 0]).data).toEqual(Float32Array.of(3, 4, 1, 2));
});

test("sliceAxes() steps through each axis", () => {
	const ranges = [
		{ start: 1, count: 1, step: 1 },
		{ start: 2, count: 2, step: -2 },
	];
	expect(sliceAxes(counting(2, 3), ranges)).toMatchObject({
		shape: [1, 2],
		data: Float32Array.of(6, 4),
	});
});

test("concat() joins along any axis", () => {
	const [x, y] = [counting(2, 1), counting(2, 2)];
	expect(concat([x, y], 1)).toMatchObject({
		shape: [2, 3],
		data: Float32Array.of(1, 1, 2, 2, 3, 4),
	});
});
