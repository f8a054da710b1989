import { expect, test } from "vitest";
import {
	readFloat,
	readInt32,
	readInt64,
} from "../../../src/lib/formats/number-text.js";

// what tf.strings.to_number of TensorFlow 2.21 makes of them
test.each([
	["1", 1],
	["+1", 1],
	[" \t1\v\f ", 1],
	["\n1", 1],
	["1.", 1],
	[".5", 0.5],
	["1E+5", 100_000],
	["00012", 12],
	["1e400", Number.POSITIVE_INFINITY],
	["-INF", Number.NEGATIVE_INFINITY],
	["+infinity", Number.POSITIVE_INFINITY],
	[" nan", Number.NaN],
	["nan(1)", Number.NaN],
	["0x10", 16],
	["-0X1.8p1", -3],
	["-0", -0],
])("%j is the float %d", (text, wanted) => {
	expect(readFloat(text)).toBe(wanted);
});

test.each([
	"",
	" ",
	".",
	"1e",
	"1e+",
	"0x",
	"0x1p",
	"1_0",
	"1f",
	"- 1",
	"--1",
	"1,5",
	"1\0",
	"\xa01",
	"1e5 x",
	"0b1",
])("%j is no float", (text) => {
	expect(readFloat(text)).toBeUndefined();
});

test.each<[string, number | undefined, bigint | undefined]>([
	["1", 1, 1n],
	["+1", 1, 1n],
	[" -7\n", -7, -7n],
	["00012", 12, 12n],
	["2147483648", undefined, 2147483648n],
	["-2147483648", -2147483648, -2147483648n],
	["9223372036854775807", undefined, 9223372036854775807n],
	["9223372036854775808", undefined, undefined],
	["1.", undefined, undefined],
	["0x10", undefined, undefined],
	["", undefined, undefined],
	["1e5", undefined, undefined],
])("%j is %s as int32 and %s as int64", (text, narrow, wide) => {
	expect(readInt32(text)).toBe(narrow);
	expect(readInt64(text)).toBe(wide);
});
