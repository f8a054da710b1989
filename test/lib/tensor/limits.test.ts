import { expect, test } from "vitest";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { limitTensor } from "../../../src/lib/tensor/limits.js";

// what numpy's iinfo and finfo say
test.each<[DType, number | bigint, number | bigint]>([
	["int8", -128, 127],
	["uint8", 0, 255],
	["int16", -32768, 32767],
	["uint32", 0, 4294967295],
	["int64", -9223372036854775808n, 9223372036854775807n],
	["uint64", 0n, 18446744073709551615n],
	["float32", -3.4028234663852886e38, 3.4028234663852886e38],
	["float64", -Number.MAX_VALUE, Number.MAX_VALUE],
	["float16", 0xfbff, 0x7bff],
	["bfloat16", 0xff7f, 0x7f7f],
])("limitTensor() knows the ends of %s", (dtype, lowest, highest) => {
	const ends = [limitTensor(dtype, "lowest"), limitTensor(dtype, "highest")];
	expect(ends.map(({ data }) => data[0])).toEqual([lowest, highest]);
	expect(ends.map(({ shape }) => shape)).toEqual([[], []]);
});
