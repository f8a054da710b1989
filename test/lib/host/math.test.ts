import { expect, test } from "vitest";
import { hostKernel } from "../../../src/lib/host/index.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { toFloat16 } from "../../../src/lib/tensor/half.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { node } from "../graph/programs.js";

function run(
	op: string,
	inputs: readonly Tensor[],
	attrs = {},
): Tensor | undefined {
	return hostKernel(
		{ op },
		inputs.map(({ dtype }) => dtype),
	)?.(node("n", op, [], attrs), inputs)?.[0];
}

function vector(dtype: DType, ...values: number[]): Tensor {
	return tensorFromNumbers(dtype, [values.length], values);
}

function longs(...values: bigint[]): Tensor {
	return tensor("int64", [values.length], BigInt64Array.from(values));
}

function answer(op: string, inputs: readonly Tensor[], attrs = {}) {
	return list(run(op, inputs, attrs));
}

function list(result: Tensor | undefined) {
	return result && Array.from<number | bigint | Uint8Array>(result.data);
}

const INT_MIN = -(2 ** 31);
const LONG_MIN = -(2n ** 63n);

test.each([
	["AddV2", "int32", [2 ** 31 - 1], [1], [INT_MIN]],
	["Sub", "uint8", [3], [5], [254]],
	["Mul", "int32", [123_456_789], [987_654_321], [-67153019]],
	["Mul", "int8", [100], [3], [44]],
	["Mul", "uint32", [4_000_000_000], [3], [3_410_065_408]],
	["Pow", "int32", [3], [21], [1_870_418_611]],
	["SquaredDifference", "int16", [200], [-100], [24464]],
] as const)(
	"%s on %s wraps as two's complement does",
	(op, dtype, x, y, wanted) => {
		expect(answer(op, [vector(dtype, ...x), vector(dtype, ...y)])).toEqual(
			wanted,
		);
	},
);

// Python's // and % round down, C's / and % towards zero
test.each([
	["FloorDiv", [3, -4, -4, 3]],
	["FloorMod", [1, 1, -1, -1]],
	["TruncateDiv", [3, -3, -3, 3]],
	["TruncateMod", [1, -1, 1, -1]],
])("%s of integers of either sign rounds as its name says", (op, wanted) => {
	const [x, y] = [
		[7, -7, 7, -7],
		[2, 2, -2, -2],
	];
	expect(answer(op, [vector("int32", ...x), vector("int32", ...y)])).toEqual(
		wanted,
	);
	const big = (values: readonly number[]) => longs(...values.map(BigInt));
	expect(answer(op, [big(x), big(y)])).toEqual(wanted.map(BigInt));
});

test("the sum of strings is one behind the other, stretched as numbers are", () => {
	const bytes = (...texts: string[]) =>
		texts.map((text) => Uint8Array.from(Buffer.from(text)));
	const column = tensor("string", [2, 1], bytes("a", ""));
	const row = tensor("string", [3], bytes("x", "yz", ""));
	expect(run("Add", [column, row])).toEqual(
		tensor("string", [2, 3], bytes("ax", "ayz", "a", "x", "yz", "")),
	);
});

test("integers of 64 bits keep their last bit", () => {
	const large = 2n ** 53n + 1n;
	expect(answer("AddV2", [longs(large), longs(1n)])).toEqual([large + 1n]);
	expect(answer("Mul", [longs(large), longs(1n)])).toEqual([large]);
	expect(answer("FloorDiv", [longs(-large), longs(2n)])).toEqual([
		-(2n ** 52n) - 1n,
	]);
	expect(answer("Neg", [longs(LONG_MIN)])).toEqual([LONG_MIN]);
	expect(answer("Less", [longs(large - 1n), longs(large)])).toEqual([1]);
});

test.each(["FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod", "Div"])(
	"%s of an integer by zero fails as in TensorFlow",
	(op) => {
		for (const zero of [vector("int32", 0), longs(0n)])
			expect(() => run(op, [zero, zero])).toThrow(
				"cannot divide an integer by zero",
			);
	},
);

test("an integer to a negative power fails as in TensorFlow", () => {
	expect(() => run("Pow", [vector("int32", 2), vector("int32", -1)])).toThrow(
		"cannot raise an integer to the power of -1: the exponent is negative",
	);
});

test("floats divide by zero", () => {
	expect(
		answer("RealDiv", [vector("float32", 1, -1), vector("float32", 0, 0)]),
	).toEqual([Infinity, -Infinity]);
});

test("Maximum and Minimum let NaN through", () => {
	const [x, y] = [vector("float32", NaN, 1), vector("float32", 1, NaN)];
	expect(answer("Maximum", [x, y])).toEqual([NaN, NaN]);
	expect(answer("Minimum", [x, y])).toEqual([NaN, NaN]);
});

test("Round takes halves to the even side", () => {
	const x = vector("float32", -2.5, -1.5, -0.5, 0.5, 1.5, 2.5);
	expect(answer("Round", [x])).toEqual([-2, -2, -0, 0, 2, 2]);
});

test("results of float32 are rounded to float32", () => {
	expect(
		answer("AddV2", [vector("float32", 0.1), vector("float32", 0.2)]),
	).toEqual([Math.fround(Math.fround(0.1) + Math.fround(0.2))]);
});

test("half types are computed by value", () => {
	const half = (...values: number[]): Tensor =>
		tensor("float16", [values.length], toFloat16(values));
	expect(run("Mul", [half(1.5, -2), half(2, 0.25)])?.data).toEqual(
		toFloat16([3, -0.5]),
	);
});

test("operands broadcast, from the right", () => {
	const column = tensorFromNumbers("int32", [2, 1], [10, 20]);
	const result = run("AddV2", [column, vector("int32", 1, 2, 3)]);
	expect(result?.shape).toEqual([2, 3]);
	expect(list(result)).toEqual([11, 12, 13, 21, 22, 23]);
});

test("operands of unequal rank broadcast along several axes", () => {
	const x = tensorFromNumbers("int32", [2, 1, 2], [1, 2, 3, 4]);
	const y = tensorFromNumbers("int32", [3, 1], [10, 20, 30]);
	const result = run("AddV2", [x, y]);
	expect(result?.shape).toEqual([2, 3, 2]);
	expect(list(result)).toEqual([
		11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34,
	]);
});

test("operands without elements have a result without elements", () => {
	const none = tensorFromNumbers("float32", [0, 3], []);
	const result = run("Mul", [none, vector("float32", 1, 2, 3)]);
	expect(result).toEqual({ ...none, shape: [0, 3] });
});

test("operands that do not broadcast fail with their shapes", () => {
	expect(() =>
		run("Mul", [vector("int32", 1, 2), vector("int32", 1, 2, 3)]),
	).toThrow("cannot broadcast shapes [2] and [3]");
});

test("Equal of shapes that do not broadcast is false where it may be asked", () => {
	const inputs = [vector("int32", 1, 2), vector("int32", 1, 2, 3)];
	expect(answer("Equal", inputs)).toEqual([0]);
	expect(answer("NotEqual", inputs)).toEqual([1]);
});

test.each<[DType, number[], DType, (number | bigint)[]]>([
	["float32", [1.9, -1.9], "int32", [1, -1]],
	["float32", [1.9, -1.9], "int64", [1n, -1n]],
	["float64", [300, -1], "int16", [300, -1]],
	// an x86 processor's answer to what does not fit, and to NaN
	["float32", [1e10, NaN], "int32", [INT_MIN, INT_MIN]],
	["float32", [1e30, NaN], "int64", [LONG_MIN, LONG_MIN]],
	["int32", [300, -1], "uint8", [44, 255]],
	["uint32", [4_294_967_295], "int32", [-1]],
	["float32", [0, 0.1, NaN], "bool", [0, 1, 1]],
	["bool", [0, 1], "float64", [0, 1]],
])("Cast turns %s %j into %s", (from, values, to, wanted) => {
	expect(answer("Cast", [vector(from, ...values)], { DstT: to })).toEqual(
		wanted,
	);
});

test("Cast of 64-bit integers keeps the lower bits", () => {
	const x = longs(2n ** 53n + 1n, -1n);
	expect(answer("Cast", [x], { DstT: "int32" })).toEqual([1, -1]);
	expect(answer("Cast", [x], { DstT: "uint64" })).toEqual([
		2n ** 53n + 1n,
		2n ** 64n - 1n,
	]);
});

test("Bitcast shows the bytes of numbers", () => {
	// 1.0 is 0x3f800000, and the lowest byte comes first
	const one = vector("float32", 1);
	expect(answer("Bitcast", [one], { type: "int32" })).toEqual([0x3f800000]);
	const bytes = run("Bitcast", [one], { type: "uint8" });
	expect(bytes).toMatchObject({ shape: [1, 4] });
	expect(list(bytes)).toEqual([0, 0, 0x80, 0x3f]);
	expect(run("Bitcast", [bytes as Tensor], { type: "float32" })).toMatchObject({
		shape: [1],
		data: Float32Array.of(1),
	});
});

test("SelectV2 broadcasts its condition, and takes any element type", () => {
	const condition = tensorFromNumbers("bool", [2, 1], [1, 0]);
	const result = run("SelectV2", [
		condition,
		vector("int32", 1, 2),
		tensorFromNumbers("int32", [], [9]),
	]);
	expect(result).toMatchObject({
		shape: [2, 2],
		data: Int32Array.of(1, 2, 9, 9),
	});
	const words = tensor(
		"string",
		[2],
		["a", "b"].map((word) => Buffer.from(word)),
	);
	const none = tensor("string", [], [Buffer.from("none")]);
	const chosen = run("SelectV2", [vector("bool", 0, 1), words, none]);
	expect(chosen?.data).toEqual([Buffer.from("none"), Buffer.from("b")]);
});

test("Select takes rows by a vector", () => {
	const rows = (start: number) =>
		tensorFromNumbers("int32", [2, 2], [start, start, start, start]);
	expect(run("Select", [vector("bool", 0, 1), rows(1), rows(2)])).toMatchObject(
		{ data: Int32Array.of(2, 2, 1, 1) },
	);
});

test("shifts stay within the width", () => {
	const by = vector("int32", 1, 40, -1);
	expect(answer("LeftShift", [vector("int32", 1, 1, 1), by])).toEqual([
		2,
		INT_MIN,
		1,
	]);
	expect(answer("RightShift", [vector("int32", -8, -8, -8), by])).toEqual([
		-4, -1, -8,
	]);
});

test.each([
	["Equal", [1, 0, 0]],
	["NotEqual", [0, 1, 1]],
])("%s compares strings by their bytes", (op, wanted) => {
	const bytes = (...values: number[]) => Uint8Array.from(values);
	const x = tensor("string", [3], [bytes(255), bytes(254), bytes()]);
	const y = tensor("string", [], [bytes(255)]);
	expect(answer(op, [x, y])).toEqual(wanted);
});
