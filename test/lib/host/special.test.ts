import { expect, test } from "vitest";
import { tensorOf } from "../../../src/lib/host/value.js";
import { given } from "../../run-kernel.js";
import { runStep } from "./steps.js";

const { PI } = Math;
const Inf = Number.POSITIVE_INFINITY;

// to six digits from Abramowitz and Stegun's tables, exact ones by their formulas, corners TensorFlow's answers
test.each<[string, number[][], number[]]>([
	["BesselI0", [[0, 1, -1, 10]], [1, 1.266066, 1.266066, 2815.717]],
	["BesselI1e", [[1, -1, 100]], [0.2079104, -0.2079104, 0.0397442]],
	// by their first terms: (1 + 1/8x) / √2πx and (1 − 3/8x) / √2πx
	["BesselI0e", [[3e38, 1e4, Inf]], [2.303294e-20, 3.98947e-3, 0]],
	["BesselI1e", [[-3e38, 1e4]], [-2.303294e-20, 3.989273e-3]],
	["BesselJ0", [[0, 1, 2.404826, 30, Inf]], [1, 0.7651977, 0, -0.086368, NaN]],
	["BesselJ1", [[1, -1, 50]], [0.4400506, -0.4400506, -0.0975118]],
	["BesselK0", [[1, 0, -1, NaN]], [0.4210244, Inf, Inf, NaN]],
	["BesselK1e", [[1, 20]], [1.636153, 0.2854255]],
	["BesselY0", [[1, 30, 0, -1]], [0.088257, -0.1172957, -Inf, -Inf]],
	["BesselY1", [[1, 10]], [-0.7812128, 0.2490154]],
	["Dawsn", [[1, -1, 0]], [0.5380795, -0.5380795, 0]],
	["Expint", [[1, 0, -1]], [1.895118, -Inf, NaN]],
	["FresnelCos", [[1, -1, 5]], [0.7798934, -0.7798934, 0.5636312]],
	["FresnelSin", [[1, 5]], [0.4382591, 0.4991914]],
	// Li₂(1), Li₂(½), Li₂(−1)
	[
		"Spence",
		[[0, 0.5, 2, 1]],
		[PI ** 2 / 6, PI ** 2 / 12 - Math.log(2) ** 2 / 2, -(PI ** 2) / 12, 0],
	],
	// 1 − e^−x
	[
		"Igamma",
		[
			[1, 1, -1, 1],
			[2, 0, 1, Inf],
		],
		[1 - Math.exp(-2), 0, NaN, 1],
	],
	[
		"Igammac",
		[
			[1, 1, 2],
			[2, 0, -1],
		],
		[Math.exp(-2), 1, NaN],
	],
	[
		"Zeta",
		[
			[2, 4, 1, 0.5],
			[1, 1, 3, 1],
		],
		[PI ** 2 / 6, PI ** 4 / 90, Inf, NaN],
	],
	[
		"Polygamma",
		[
			[1, 0, 0.5],
			[1, 1, 1],
		],
		[PI ** 2 / 6, -0.5772157, NaN],
	],
	// x^a (a = b = 1: x), 1 − (1 − x)^b
	[
		"Betainc",
		[
			[1, 1, 0, 2],
			[1, 3, 1, 2],
			[0.3, 0.5, 0.5, 1],
		],
		[0.3, 0.875, NaN, 1],
	],
])("%s of %j is %j", (op, inputs, wanted) => {
	const [result] = runStep(
		op,
		inputs.map((values) => given("float64", values)),
	);
	const found = tensorOf(result).data as Float64Array;
	for (const [i, value] of wanted.entries())
		if (Number.isFinite(value))
			expect(found[i] - value).toBeCloseTo(0, Math.abs(value) > 100 ? 2 : 6);
		else expect(found[i]).toBe(value);
});

// the sum of (j + ½)^−2 over all whole numbers is π²; nearly all of its terms lie on either side
test("Zeta far below zero is answered at once", async () => {
	const [found] = await runStep("Zeta", [
		given("float64", [2, 3]),
		given("float64", [0.5 - 1e15, 0.25 - 1e15]),
	]);
	const [even, odd] = tensorOf(found).data as Float64Array;
	expect(even).toBeCloseTo(PI ** 2, 10);
	// 4³·(1 − 1/3³ + 1/5³ − …)
	expect(odd).toBeCloseTo(2 * PI ** 3, 10);
});
