import { expect, test } from "vitest";
import { tensor } from "../src/lib/tensor/tensor.js";
import { readCases } from "./cases.js";
import { bfloat16, difference, float16 } from "./close.js";

const floats = (...values: number[]) =>
	tensor("float32", [values.length], Float32Array.from(values));

test("difference() accepts what is within both tolerances, NaN for NaN, and infinities", () => {
	expect(
		difference(floats(1.00009, NaN, -Infinity), floats(1, NaN, -Infinity)),
	).toBeUndefined();
});

test("difference() names the first index and both values", () => {
	expect(difference(floats(1, 2, 3.5, 9), floats(1, 2, 3, 4))).toBe(
		"element 2 is 3.5, wanted 3 (2 of 4 differ)",
	);
	expect(difference(floats(1, Infinity), floats(1, 5))).toBe(
		"element 1 is Infinity, wanted 5 (1 of 2 differ)",
	);
	expect(difference(floats(0), floats(NaN))).toContain("wanted NaN");
});

test("difference() wants integers exactly, and types and shapes equal", () => {
	const longs = (value: bigint) =>
		tensor("int64", [1], BigInt64Array.of(value));
	expect(difference(longs(2n ** 53n), longs(2n ** 53n + 1n))).toContain(
		"is 9007199254740992, wanted 9007199254740993",
	);
	expect(difference(floats(1), longs(1n))).toBe(
		"element type is float32, wanted int64",
	);
	expect(difference(floats(1), floats(1, 2))).toBe("shape is [1], wanted [2]");
	expect(difference(undefined, floats(1))).toBe("there is no such tensor");
});

test("float16() and bfloat16() decode bits as IEEE 754 tells", () => {
	expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00].map(float16)).toEqual(
		[1, -2, 65504, 2 ** -24, -0, Infinity],
	);
	expect(float16(0x7e00)).toBeNaN();
	expect([0x3f80, 0xc000].map(bfloat16)).toEqual([1, -2]);
});

test("readCases() keeps integers, half types and bytes exactly", () => {
	const cases = readCases("fixtures/models/dtypes/cases.json");
	const input = (signature: string) =>
		cases.find((item) => item.signature === signature)?.inputs.x;
	expect(input("same_int64")?.data).toEqual(
		BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n),
	);
	expect(input("same_float16")?.data).toEqual(
		Uint16Array.of(0, 0xbe00, 0x7bff),
	);
	expect(input("same_bool")?.data).toEqual(Uint8Array.of(1, 0));
	expect(input("same_string")?.data).toEqual([
		Buffer.from("café"),
		Buffer.of(),
		Buffer.of(0, 255),
	]);
	expect(input("scalar")).toMatchObject({
		shape: [],
		data: Float32Array.of(2.5),
	});
});
