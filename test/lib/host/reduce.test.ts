import { expect, test } from "vitest";
import { hostKernel } from "../../../src/lib/host/index.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { node } from "../graph/programs.js";

function reduce(
	op: string,
	x: Tensor,
	axes: readonly number[],
	keepDims = false,
): Tensor | undefined {
	const attrs = { keep_dims: keepDims };
	const axis = tensorFromNumbers("int32", [axes.length], axes);
	return hostKernel(
		{ op },
		[x, axis].map(({ dtype }) => dtype),
	)?.(node("n", op, [], attrs), [x, axis])?.[0];
}

function list(result: Tensor | undefined) {
	return result && Array.from<number | bigint | Uint8Array>(result.data);
}

const matrix = tensorFromNumbers("float32", [2, 3], [1, 2, 3, 4, 5, 6]);

test.each([
	["Sum", [0], [5, 7, 9]],
	["Sum", [-1], [6, 15]],
	["Sum", [0, 1], [21]],
	["Mean", [1], [2, 5]],
	["Prod", [1], [6, 120]],
	["Max", [0], [4, 5, 6]],
	["Min", [1], [1, 4]],
])("%s along axes %j of a matrix", (op, axes, wanted) => {
	const result = reduce(op, matrix, axes);
	expect(list(result)).toEqual(wanted);
	expect(result?.shape).toEqual(axes.length === 2 ? [] : [wanted.length]);
});

test("a reduction along no axes leaves all as it is", () => {
	expect(reduce("Sum", matrix, [])).toEqual(matrix);
});

test("a reduction keeps its axes with size 1 on request", () => {
	expect(reduce("Max", matrix, [1], true)?.shape).toEqual([2, 1]);
});

test("a reduction of the axis in the middle", () => {
	const block = tensorFromNumbers(
		"int32",
		[2, 3, 2],
		Array.from({ length: 12 }, (_, i) => i),
	);
	expect(reduce("Sum", block, [1])).toMatchObject({
		shape: [2, 2],
		data: Int32Array.of(6, 9, 24, 27),
	});
});

test("integers wrap while they are added and multiplied", () => {
	const bytes = tensorFromNumbers("uint8", [3], [200, 100, 1]);
	expect(reduce("Sum", bytes, [0])?.data).toEqual(Uint8Array.of(45));
	const ints = tensorFromNumbers("int32", [2], [123_456_789, 987_654_321]);
	expect(reduce("Prod", ints, [0])?.data).toEqual(Int32Array.of(-67153019));
	const longs = tensor("int64", [2], BigInt64Array.of(2n ** 53n, 1n));
	expect(reduce("Sum", longs, [0])?.data).toEqual(
		BigInt64Array.of(2n ** 53n + 1n),
	);
});

test("what is made of nothing is where each op starts", () => {
	const none = tensorFromNumbers("float32", [0, 1], []);
	const made = (op: string) => list(reduce(op, none, [0]));
	expect(made("Sum")).toEqual([0]);
	expect(made("Prod")).toEqual([1]);
	expect(made("Max")).toEqual([-Infinity]);
	expect(made("Mean")).toEqual([NaN]);
	const noInts = tensorFromNumbers("int8", [0], []);
	expect(reduce("Max", noInts, [0])?.data).toEqual(Int8Array.of(-128));
	expect(reduce("Min", noInts, [0])?.data).toEqual(Int8Array.of(127));
	const noBools = tensorFromNumbers("bool", [0], []);
	expect(reduce("All", noBools, [0])?.data).toEqual(Uint8Array.of(1));
	expect(reduce("Any", noBools, [0])?.data).toEqual(Uint8Array.of(0));
});

test("Max lets NaN through", () => {
	const x = tensorFromNumbers("float32", [3], [1, NaN, 2]);
	expect(list(reduce("Max", x, [0]))).toEqual([NaN]);
});

test("an axis beyond the rank fails", () => {
	expect(() => reduce("Sum", matrix, [2])).toThrow(
		"cannot use axis 2: the tensor has 2 dimensions",
	);
});
