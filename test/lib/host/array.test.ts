import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { hostKernel } from "../../../src/lib/host/index.js";
import { opDef } from "../../../src/lib/ops/opdef.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { counting, floats, ints } from "../../one-node.js";

function run(
	op: string,
	inputs: readonly Tensor[],
	attrs: Attrs = {},
	outputs = 1,
): readonly Tensor[] {
	const defaults = [...(opDef(op)?.attrs ?? [])].flatMap(
		([name, { default: value }]) =>
			value === undefined ? [] : [[name, value] as const],
	);
	const node = {
		name: "node",
		op,
		inputs: [],
		outputs: Array.from({ length: outputs }, (_, i) => `node:${i}`),
		attrs: { ...Object.fromEntries(defaults), ...attrs },
	};
	return (
		hostKernel(
			{ op },
			inputs.map(({ dtype }) => dtype),
		)?.(node, inputs) ?? []
	);
}

/** Rows of numbers, strings or bigints, as the shape nests them. */
function nested({ shape, data }: Tensor): unknown {
	const values = Array.from<unknown>(data).map((value) =>
		value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
	);
	return shape.reduceRight<unknown[]>(
		(rows, size) =>
			size === 0
				? []
				: Array.from({ length: rows.length / size }, (_, i) =>
						rows.slice(i * size, (i + 1) * size),
					),
		values,
	)[0];
}

const answer = (...call: Parameters<typeof run>) => run(...call).map(nested)[0];
const int = (value: number) => tensorFromNumbers("int32", [], [value]);
const matrix = (columns: number, ...values: number[]) =>
	tensorFromNumbers("int32", [values.length / columns, columns], values);
const strings = (...values: string[]) =>
	tensor(
		"string",
		[values.length],
		values.map((value) => new TextEncoder().encode(value)),
	);
const longs = (...values: bigint[]) =>
	tensor("int64", [values.length], BigInt64Array.from(values));

test("a transposition moves elements of every type", () => {
	expect(answer("Transpose", [counting(2, 3), ints(-1, 0)])).toEqual([
		[1, 4],
		[2, 5],
		[3, 6],
	]);
	const words = { ...strings("a", "b", "c", "d"), shape: [2, 2] };
	expect(answer("Transpose", [words, ints(1, 0)])).toEqual([
		["a", "c"],
		["b", "d"],
	]);
	const complex = tensor("complex64", [2, 1], Float32Array.of(1, 2, 3, 4));
	const [turned] = run("Transpose", [complex, ints(1, 0)]);
	expect(turned).toMatchObject({ shape: [1, 2], data: complex.data });
});

test("tensors are joined and cut along any axis", () => {
	const [a, b] = [matrix(2, 1, 2, 3, 4), matrix(1, 5, 6)];
	expect(answer("ConcatV2", [a, b, int(-1)], { N: 2 })).toEqual([
		[1, 2, 5],
		[3, 4, 6],
	]);
	expect(answer("Pack", [ints(1, 2), ints(3, 4)], { axis: -1 })).toEqual([
		[1, 3],
		[2, 4],
	]);
	expect(run("Unpack", [a], { axis: 1 }, 2).map(nested)).toEqual([
		[1, 3],
		[2, 4],
	]);
	expect(
		run("Split", [int(1), matrix(4, 1, 2, 3, 4)], {}, 2).map(nested),
	).toEqual([[[1, 2]], [[3, 4]]]);
	expect(
		run("SplitV", [ints(1, 2, 3, 4), ints(1, -1), int(0)]).map(nested),
	).toEqual([[1], [2, 3, 4]]);
	expect(() => run("SplitV", [ints(1, 2), ints(1, 2), int(0)])).toThrow(
		"cannot split an axis of size 2 into parts of 1, 2",
	);
});

test("slices follow Python, and an index must be there", () => {
	const masks = {
		begin_mask: 0,
		end_mask: 0,
		ellipsis_mask: 0,
		new_axis_mask: 0,
		shrink_axis_mask: 0,
	};
	const slice = (begin: number, end: number, step: number, extra: Attrs = {}) =>
		answer(
			"StridedSlice",
			[ints(0, 1, 2, 3), ints(begin), ints(end), ints(step)],
			{
				...masks,
				...extra,
			},
		);
	expect(slice(1, 9, 2)).toEqual([1, 3]);
	expect(slice(-1, -4, -1)).toEqual([3, 2, 1]);
	expect(slice(0, 0, -1, { begin_mask: 1, end_mask: 1 })).toEqual([3, 2, 1, 0]);
	expect(slice(-2, 0, 1, { shrink_axis_mask: 1 })).toBe(2);
	expect(() => slice(4, 5, 1, { shrink_axis_mask: 1 })).toThrow(
		"cannot take index 4 of an axis of size 4",
	);
	expect(
		answer("Slice", [matrix(3, 1, 2, 3, 4, 5, 6), ints(0, 1), ints(-1, 1)]),
	).toEqual([[2], [5]]);
});

test("elements are gathered in batches, by coordinates, and not beyond", () => {
	const x = counting(2, 3);
	expect(
		answer("GatherV2", [x, matrix(2, 0, 2, 1, 1), int(1)], { batch_dims: 1 }),
	).toEqual([
		[1, 3],
		[5, 5],
	]);
	expect(answer("GatherV2", [x, ints(2, 0), int(-1)])).toEqual([
		[3, 1],
		[6, 4],
	]);
	expect(answer("GatherNd", [x, matrix(2, 1, 0, 0, 2)])).toEqual([4, 3]);
	expect(answer("GatherNd", [x, matrix(1, 1)])).toEqual([[4, 5, 6]]);
	expect(() => run("GatherV2", [x, ints(-1), int(0)])).toThrow(
		"cannot take index -1 of an axis of size 2",
	);
	expect(() => run("GatherNd", [x, matrix(2, 0, 3)])).toThrow(
		"cannot find index [0,3] in a tensor of shape [2,3]",
	);
});

test("rows are scattered: added up where they meet, integers wrapped", () => {
	const indices = matrix(1, 1, 1, 3);
	expect(answer("ScatterNd", [indices, ints(5, 6, 7), ints(4)])).toEqual([
		0, 11, 0, 7,
	]);
	const most = longs(2n ** 63n - 1n, 0n);
	expect(answer("TensorScatterAdd", [most, matrix(1, 0), longs(1n)])).toEqual([
		-(2n ** 63n),
		0n,
	]);
	expect(
		answer("TensorScatterMax", [ints(3, 3), matrix(1, 0, 1), ints(1, 5)]),
	).toEqual([3, 5]);
	expect(
		answer("TensorScatterUpdate", [
			strings("a", "b"),
			matrix(1, 1),
			strings("c"),
		]),
	).toEqual(["a", "c"]);
});

test("OneHot has no row for an index that is negative or too large", () => {
	expect(
		answer(
			"OneHot",
			[ints(1, -1, 3), int(3), floats([], [5]), floats([], [-1])],
			{
				axis: -1,
			},
		),
	).toEqual([
		[-1, 5, -1],
		[-1, -1, -1],
		[-1, -1, -1],
	]);
	expect(
		answer("OneHot", [ints(1, 0), int(2), int(1), int(0)], { axis: 0 }),
	).toEqual([
		[0, 1],
		[1, 0],
	]);
});

test("Where lists places row by row; minus zero is zero, NaN is not", () => {
	expect(answer("Where", [floats([2, 2], [0, 1, -0, NaN])])).toEqual([
		[0n, 1n],
		[1n, 1n],
	]);
	expect(run("Where", [floats([], [2])])[0].shape).toEqual([1, 0]);
	expect(run("Where", [floats([], [0])])[0].shape).toEqual([0, 0]);
});

// tf.pad's documentation
test("padding repeats a value, or mirrors with the edge or without", () => {
	const x = matrix(3, 1, 2, 3, 4, 5, 6);
	const paddings = matrix(2, 1, 1, 2, 2);
	expect(answer("MirrorPad", [x, paddings], { mode: "REFLECT" })).toEqual([
		[6, 5, 4, 5, 6, 5, 4],
		[3, 2, 1, 2, 3, 2, 1],
		[6, 5, 4, 5, 6, 5, 4],
		[3, 2, 1, 2, 3, 2, 1],
	]);
	expect(answer("MirrorPad", [x, paddings], { mode: "SYMMETRIC" })).toEqual([
		[2, 1, 1, 2, 3, 3, 2],
		[2, 1, 1, 2, 3, 3, 2],
		[5, 4, 4, 5, 6, 6, 5],
		[5, 4, 4, 5, 6, 6, 5],
	]);
	expect(answer("PadV2", [ints(1), matrix(2, 1, 2), int(9)])).toEqual([
		9, 1, 9, 9,
	]);
	expect(answer("Pad", [strings("a"), matrix(2, 0, 1)])).toEqual(["a", ""]);
});

// tf.reverse_sequence's documentation, cut down
test("axes are reversed, rolled and repeated", () => {
	const x = matrix(4, 1, 2, 3, 4, 5, 6, 7, 8);
	const sequence = { seq_dim: 1, batch_dim: 0 };
	expect(answer("ReverseSequence", [x, ints(3, 0)], sequence)).toEqual([
		[3, 2, 1, 4],
		[5, 6, 7, 8],
	]);
	expect(answer("ReverseV2", [x, ints(-1, 0)])).toEqual([
		[8, 7, 6, 5],
		[4, 3, 2, 1],
	]);
	expect(answer("Roll", [ints(1, 2, 3, 4), int(-1), int(0)])).toEqual([
		2, 3, 4, 1,
	]);
	expect(answer("Roll", [x, ints(5, 1), ints(1, 0)])).toEqual([
		[8, 5, 6, 7],
		[4, 1, 2, 3],
	]);
	expect(answer("Tile", [ints(1, 2), ints(2)])).toEqual([1, 2, 1, 2]);
	expect(answer("InvertPermutation", [ints(3, 0, 2, 1)])).toEqual([1, 3, 2, 0]);
	expect(() => run("InvertPermutation", [ints(0, 2)])).toThrow(
		"it is not a permutation",
	);
});

test.each<[DType, number[], number[]]>([
	["int32", [5, -2, -3], [5, 2, -1]],
	["float32", [0, 0.3, 0.1], [0, 0.1, 0.2].map(Math.fround)],
	["float64", [3, 3, 1], []],
])("Range of %s from %j", (dtype, bounds, wanted) => {
	const inputs = bounds.map((value) => tensorFromNumbers(dtype, [], [value]));
	expect(answer("Range", inputs, { Tidx: dtype }) ?? []).toEqual(wanted);
});

test("Range of int64 keeps every digit", () => {
	const scalar = (value: bigint) => ({ ...longs(value), shape: [] });
	const start = 2n ** 53n + 1n;
	expect(
		answer("Range", [scalar(start), scalar(start + 4n), scalar(2n)], {
			Tidx: "int64",
		}),
	).toEqual([start, start + 2n]);
	expect(() =>
		run("Range", [scalar(1n), scalar(2n), scalar(0n)], { Tidx: "int64" }),
	).toThrow("cannot make a range with step 0");
});

test("LinSpace ends where it is told, and a single one is its start", () => {
	const scalar = (value: number) => floats([], [value]);
	expect(answer("LinSpace", [scalar(1), scalar(2), int(3)])).toEqual([
		1, 1.5, 2,
	]);
	expect(answer("LinSpace", [scalar(1), scalar(2), int(1)])).toEqual([1]);
});

test("tensors are filled, stretched and described", () => {
	expect(answer("Fill", [ints(2, 2), int(7)])).toEqual([
		[7, 7],
		[7, 7],
	]);
	expect(answer("ZerosLike", [strings("a")])).toEqual([""]);
	expect(answer("OnesLike", [longs(5n)])).toEqual([1n]);
	expect(answer("BroadcastTo", [matrix(1, 1, 2), ints(2, 2, 2)])).toEqual([
		[
			[1, 1],
			[2, 2],
		],
		[
			[1, 1],
			[2, 2],
		],
	]);
	expect(answer("BroadcastArgs", [ints(3, 1), ints(2, 1, 4)])).toEqual([
		2, 3, 4,
	]);
	expect(answer("Shape", [counting(2, 3)], { out_type: "int64" })).toEqual([
		2n,
		3n,
	]);
	expect(answer("Size", [counting(2, 3)], { out_type: "int32" })).toBe(6);
	expect(answer("Rank", [counting(2, 3)])).toBe(2);
});

test("a shape that is not the one ensured fails", () => {
	const ensured = (dims: number[]) =>
		run("EnsureShape", [counting(2, 3)], { shape: { dims } });
	expect(ensured([-1, 3])).toHaveLength(1);
	expect(() => ensured([-1, 4])).toThrow("they contradict each other");
});
