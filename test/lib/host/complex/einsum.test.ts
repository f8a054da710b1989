import { expect, test } from "vitest";
import { tensor } from "../../../../src/lib/tensor/tensor.js";
import { runKernel } from "../../../run-kernel.js";

// [[1 + i, 2], [3, 4i]]
const square = tensor(
	"complex64",
	[2, 2],
	Float32Array.of(1, 1, 2, 0, 3, 0, 0, 4),
);
const pair = tensor("complex64", [2], Float32Array.of(0, 1, 1, 0));

test.each([
	["ij,j->i", [square, pair], [2], [1, 1, 0, 7]],
	["ii->i", [square], [2], [1, 1, 0, 4]],
	["ij->", [square], [], [6, 5]],
	["i->ii", [pair], [2, 2], [0, 1, 0, 0, 0, 0, 1, 0]],
	["...i,...i->...", [square, pair], [2], [1, 1, 0, 7]],
])(
	"complex numbers are summed by %s",
	async (equation, inputs, shape, data) => {
		const results = await runKernel("Einsum", inputs, { equation });
		expect(results).toEqual([
			tensor("complex64", shape, Float32Array.from(data)),
		]);
	},
);
