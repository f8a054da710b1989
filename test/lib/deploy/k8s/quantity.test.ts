import { expect, test } from "vitest";
import { parseQuantity } from "../../../../src/lib/deploy/k8s/quantity.js";

/** kubernetes.io, "Quantity". */
test.each([
	["500m", 0.5],
	["2", 2],
	["1.5", 1.5],
	["16Gi", 16 * 2 ** 30],
	["1e3", 1000],
	["129M", 129e6],
	["1E", 1e18],
	["100k", 1e5],
	["", Number.NaN],
	["2 Gi", Number.NaN],
	["Gi", Number.NaN],
])("%s is %d", (text, value) => {
	expect(parseQuantity(text)).toBe(value);
});
