import { expect, test } from "vitest";
import { scaledI, scaledK } from "../../../../src/lib/host/special/bessel.js";

// by their first terms: −log(x / 2) − γ, 1 / x
test("K of the smallest numbers is its pole", () => {
	expect(scaledK(0, 1e-310)).toBeCloseTo(
		-Math.log(0.5e-310) - 0.5772156649015329,
		9,
	);
	expect(scaledK(1, 1e-200) / 1e200).toBeCloseTo(1, 12);
});

// where one formula takes over from the other, both hold
test.each([0, 1] as const)("I of order %d is smooth", (order) => {
	const [before, after] = [999.9999, 1000.0001].map((x) => scaledI(order, x));
	// the slope is −value / 2x
	expect(after / before - 1).toBeCloseTo(-1e-7, 9);
});
