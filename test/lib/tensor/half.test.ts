import { expect, test } from "vitest";
import {
	bfloat16ToNumber,
	float16ToNumber,
	fromBfloat16,
	fromFloat16,
	numberToBfloat16,
	numberToFloat16,
	toBfloat16,
	toFloat16,
} from "../../../src/lib/tensor/half.js";

/** Bits by numpy 2.3 (`astype(np.float16)`) and ml_dtypes (`astype(np.float32).astype(bfloat16)`). */
const VECTORS: readonly [number, number, number][] = [
	[0, 0x0000, 0x0000],
	[-0, 0x8000, 0x8000],
	[1, 0x3c00, 0x3f80],
	[65504, 0x7bff, 0x4780],
	[65519.99, 0x7bff, 0x4780],
	[65520, 0x7c00, 0x4780],
	[-65520, 0xfc00, 0xc780],
	[5.9604645e-8, 0x0001, 0x3380],
	[2.9802323e-8, 0x0001, 0x3300],
	[6.1e-5, 0x03ff, 0x3880],
	[6.0975552e-5, 0x03ff, 0x3880],
	[1.0004883, 0x3c01, 0x3f80],
	[1.0014648, 0x3c01, 0x3f80],
	[0.1, 0x2e66, 0x3dcd],
	[1e-8, 0x0000, 0x322c],
	[Infinity, 0x7c00, 0x7f80],
	[-Infinity, 0xfc00, 0xff80],
];

test.each(VECTORS)(
	"numberToFloat16(), numberToBfloat16() round %s as numpy does",
	(value, half, brain) => {
		expect([numberToFloat16(value), numberToBfloat16(value)]).toEqual([
			half,
			brain,
		]);
	},
);

test("float16ToNumber() and numberToFloat16() are inverse for every bit pattern", () => {
	const wrong: number[] = [];
	for (let bits = 0; bits < 0x10000; bits++) {
		const value = float16ToNumber(bits);
		if (!Number.isNaN(value) && numberToFloat16(value) !== bits)
			wrong.push(bits);
	}
	expect(wrong).toEqual([]);
});

test("bfloat16ToNumber() and numberToBfloat16() are inverse for every bit pattern", () => {
	const wrong: number[] = [];
	for (let bits = 0; bits < 0x10000; bits++) {
		const value = bfloat16ToNumber(bits);
		if (!Number.isNaN(value) && numberToBfloat16(value) !== bits)
			wrong.push(bits);
	}
	expect(wrong).toEqual([]);
});

/** IEEE 754: exponent all ones and a fraction that is not zero. */
test("NaN stays NaN", () => {
	expect(float16ToNumber(0x7e00)).toBeNaN();
	expect(float16ToNumber(0xfc01)).toBeNaN();
	expect(bfloat16ToNumber(0x7fc0)).toBeNaN();
	expect([numberToFloat16(NaN), numberToBfloat16(NaN)]).toEqual([
		0x7e00, 0x7fc0,
	]);
});

test("arrays convert element by element", () => {
	expect(toFloat16([1, -2])).toEqual(Uint16Array.of(0x3c00, 0xc000));
	expect(fromFloat16(Uint16Array.of(0x3c00, 0xc000))).toEqual(
		Float32Array.of(1, -2),
	);
	expect(toBfloat16([1, -2])).toEqual(Uint16Array.of(0x3f80, 0xc000));
	expect(fromBfloat16(Uint16Array.of(0x3f80, 0xc000))).toEqual(
		Float32Array.of(1, -2),
	);
});

test("arrays of float32 become the halves that their numbers become", () => {
	const bits = new Uint32Array(65_536).map((_, i) => i * 65_537);
	const values = new Float32Array(bits.buffer).filter((x) => !Number.isNaN(x));
	expect(toFloat16(values)).toEqual(Uint16Array.from(values, numberToFloat16));
});

test("many halves are decoded as few are", () => {
	const every = Uint16Array.from({ length: 65_536 }, (_, i) => i);
	expect(fromFloat16(every)).toEqual(Float32Array.from(every, float16ToNumber));
});
