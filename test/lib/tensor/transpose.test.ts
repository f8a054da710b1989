import { expect, test } from "vitest";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import type { Tensor, TensorData } from "../../../src/lib/tensor/tensor.js";
import { stridesOf, transpose } from "../../../src/lib/tensor/transpose.js";

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** The definition: element `i` of the result lies where its coordinates, in the old order, say. */
function byDefinition({ shape, data }: Tensor, order: readonly number[]) {
	const sizes = order.map((axis) => shape[axis]);
	const strides = stridesOf(shape);
	return Array.from({ length: product(sizes) }, (_, i) => {
		let rest = i;
		const coordinates = sizes.toReversed().map((size) => {
			const coordinate = rest % size;
			rest = (rest - coordinate) / size;
			return coordinate;
		});
		const from = coordinates
			.toReversed()
			.reduce((sum, at, axis) => sum + at * strides[order[axis]], 0);
		return data[from];
	});
}

const counting = (dtype: DType, shape: number[], data: TensorData): Tensor => ({
	dtype,
	shape,
	data,
});

test.each([
	[
		[2, 3],
		[1, 0],
	],
	[
		[3, 3, 5, 7],
		[3, 2, 0, 1],
	],
	// larger than a tile on both sides
	[
		[40, 70],
		[1, 0],
	],
	[
		[70, 3, 40],
		[2, 1, 0],
	],
	[
		[2, 40, 3, 35],
		[2, 0, 3, 1],
	],
	// neighbours that stay together, and an axis of size 1
	[
		[2, 3, 1, 4, 5],
		[3, 4, 2, 0, 1],
	],
	[
		[2, 3, 4],
		[0, 2, 1],
	],
	[
		[4, 5, 6, 2, 3],
		[4, 2, 0, 3, 1],
	],
])("transpose() moves each element of %j for the order %j", (shape, order) => {
	const data = Float32Array.from({ length: product(shape) }, (_, i) => i);
	const result = transpose(counting("float32", shape, data), order);
	expect(result.shape).toEqual(order.map((axis) => shape[axis]));
	expect([...(result.data as Float32Array)]).toEqual(
		byDefinition({ dtype: "float32", shape, data }, order),
	);
});

test("transpose() moves elements of every width whole", () => {
	const shape = [2, 2];
	const order = [1, 0];
	const strings = ["a", "b", "c", "d"].map((text) => Buffer.from(text));
	const [a, b, c, d] = strings;
	expect(transpose(counting("string", shape, strings), order).data).toEqual([
		a,
		c,
		b,
		d,
	]);
	const long = BigInt64Array.of(-1n, 2n ** 40n, 3n, -4n);
	expect(transpose(counting("int64", shape, long), order).data).toEqual(
		BigInt64Array.of(-1n, 3n, 2n ** 40n, -4n),
	);
	const complex = Float64Array.of(1, -1, 2, -2, 3, -3, 4, -4);
	expect(transpose(counting("complex128", shape, complex), order).data).toEqual(
		Float64Array.of(1, -1, 3, -3, 2, -2, 4, -4),
	);
	const bytes = Uint8Array.of(1, 2, 3, 4);
	expect(transpose(counting("bool", shape, bytes), order).data).toEqual(
		Uint8Array.of(1, 3, 2, 4),
	);
});

test("transpose() copies nothing where only axes of size 1 move", () => {
	const data = Float32Array.of(1, 2, 3);
	const result = transpose(counting("float32", [1, 3, 1], data), [1, 2, 0]);
	expect(result.data).toBe(data);
	expect(result.shape).toEqual([3, 1, 1]);
});

test("transpose() of no elements has none", () => {
	const nothing = counting("float32", [2, 0, 3], new Float32Array(0));
	expect(transpose(nothing, [2, 1, 0]).shape).toEqual([3, 0, 2]);
});
