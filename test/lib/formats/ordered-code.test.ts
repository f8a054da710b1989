import { describe, expect, test } from "vitest";
import {
	orderedNumber,
	orderedSignedNumber,
	orderedString,
} from "../../../src/lib/formats/ordered-code.js";
import { bytes } from "../../bytes.js";

// Worked out from the layout that tensorflow/core/lib/strings/ordered_code.cc describes.

test.each([
	[0, bytes`00`],
	[1, bytes`01 01`],
	[255, bytes`01 ff`],
	[256, bytes`02 01 00`],
	[2 ** 40, bytes`06 01 00 00 00 00 00`],
])("orderedNumber() writes %d with its length before it", (value, expected) => {
	expect(orderedNumber(value)).toEqual(expected);
});

test("orderedString() escapes 0 and 255, and ends", () => {
	expect(orderedString(bytes`61 00 ff 62`)).toEqual(
		bytes`61 00ff ff00 62 0001`,
	);
});

describe("orderedSignedNumber()", () => {
	test.each([
		[0n, bytes`80`],
		[1n, bytes`81`],
		[-1n, bytes`7f`],
		[63n, bytes`bf`],
		[-64n, bytes`40`],
		[64n, bytes`c0 40`],
		[-65n, bytes`3f bf`],
		[8191n, bytes`df ff`],
		[8192n, bytes`e0 20 00`],
		[2n ** 55n, bytes`ff 80 80 00 00 00 00 00 00`],
		[2n ** 62n, bytes`ff c0 40 00 00 00 00 00 00 00`],
	])("writes %d", (value, expected) => {
		expect(orderedSignedNumber(value)).toEqual(expected);
	});

	test("sorts as the numbers do", () => {
		const values = [
			-(2n ** 63n),
			-(2n ** 40n),
			-300n,
			-65n,
			-64n,
			-1n,
			0n,
			1n,
			63n,
			64n,
			300n,
			2n ** 40n,
			2n ** 63n - 1n,
		];
		const encoded = values.map(orderedSignedNumber);
		expect([...encoded].sort(Buffer.compare)).toEqual(encoded);
	});
});
