import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";
import { given, plain, runKernel } from "../../run-kernel.js";

const dense = (
	types: readonly string[],
	inputs: Parameters<typeof runKernel>[1],
) =>
	runKernel("RaggedTensorToTensor", inputs, {
		row_partition_types: types,
		num_row_partition_tensors: types.length,
	});
const long = (value: unknown) => given("int64", value);

test("rows of text are filled up to the longest", async () => {
	const [result] = await dense(
		["ROW_SPLITS"],
		[
			long(-1),
			given("string", ["a", "b", "c"]),
			given("string", "-"),
			long([0, 1, 1, 3]),
		],
	);
	expect(plain(result)).toEqual([
		"string",
		[3, 2],
		["a", "-", "-", "-", "b", "c"],
	]);
});

test("rows are cut where a shape is asked for, and rows that are missing are made", async () => {
	const [result] = await dense(
		["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
		[
			long([3, 2]),
			given("int32", [1, 2, 3, 4]),
			given("int32", 9),
			long(2),
			long([0, 0, 0, 1]),
		],
	);
	expect(plain(result)).toEqual(["int32", [3, 2], [1, 2, 4, 9, 9, 9]]);
});

test("a default is stretched over values that are vectors", async () => {
	const [result] = await dense(
		["ROW_SPLITS"],
		[
			long(-1),
			given("float32", [[1, 2]]),
			given("float32", [7, 8]),
			long([0, 0, 1]),
		],
	);
	expect(plain(result)).toEqual(["float32", [2, 1, 2], [7, 8, 1, 2]]);
});

test.each([
	["the first is 1, wanted 0", [1, 2]],
	["split 2 is 1, below the one before, 2", [0, 2, 1]],
	["the partition has 2", [0, 2]],
])("a partition that is none is refused: %s", async (message, splits) => {
	const inputs = [
		long(-1),
		given("int32", [1, 2, 3]),
		given("int32", 0),
		long(splits),
	];
	await expect(dense(["ROW_SPLITS"], inputs)).rejects.toThrow(message);
});

test("a row beyond the first size is refused", async () => {
	const inputs = [
		long(-1),
		given("int32", [1]),
		given("int32", 0),
		long(1),
		long([1]),
	];
	await expect(
		dense(["FIRST_DIM_SIZE", "VALUE_ROWIDS"], inputs),
	).rejects.toThrow("cannot place value 0 in row 1: there are 1 rows");
});

test("ranges of int64 are exact beyond 2^53", async () => {
	const scalar = (value: bigint) =>
		tensor("int64", [], BigInt64Array.of(value));
	const [splits, values] = await runKernel("RaggedRange", [
		scalar(2n ** 62n),
		scalar(2n ** 62n + 5n),
		scalar(3n),
	]);
	expect(plain(splits)).toEqual(["int64", [2], [0, 2]]);
	expect(values).toMatchObject({
		data: BigInt64Array.of(2n ** 62n, 2n ** 62n + 3n),
	});
});

test("a range without a step is refused", async () => {
	await expect(
		runKernel("RaggedRange", [
			given("int32", [1, 1]),
			given("int32", 3),
			given("int32", [1, 0]),
		]),
	).rejects.toThrow("cannot make range 1: its step is 0");
});

test("rows that are taken by a matrix of indices get one more ragged axis", async () => {
	const results = await runKernel("RaggedGather", [
		long([0, 2, 3]),
		given("int32", [5, 6, 7]),
		given("int32", [[1, 0, 1]]),
	]);
	expect(results.map(plain)).toEqual([
		["int64", [2], [0, 3]],
		["int64", [4], [0, 1, 3, 4]],
		["int32", [4], [7, 5, 6, 7]],
	]);
});

test("values stand where their rows say in a sparse tensor", async () => {
	const results = await runKernel("RaggedTensorToSparse", [
		long([0, 2, 2, 3]),
		given("string", ["a", "b", "c"]),
	]);
	expect(results.map(plain)).toEqual([
		["int64", [3, 2], [0, 0, 0, 1, 2, 0]],
		["string", [3], ["a", "b", "c"]],
		["int64", [2], [3, 2]],
	]);
});

test("rows become variants one by one, and those a ragged tensor again", async () => {
	const types: Attrs = { Tvalues: "float32", Tsplits: "int64" };
	const inputs = [
		long([0, 1, 3]),
		long([0, 2, 2, 3]),
		given("float32", [1, 2, 3]),
	];
	const [variants] = await runKernel("RaggedTensorToVariant", inputs, {
		...types,
		batched_input: true,
	});
	expect(variants.shape).toEqual([2]);
	const back = await runKernel("RaggedTensorFromVariant", [variants], {
		...types,
		input_ragged_rank: -1,
		output_ragged_rank: 2,
	});
	expect(back).toEqual(inputs);
});

test("a row without values gets the default", async () => {
	const results = await runKernel("RaggedFillEmptyRows", [
		long([2, 0]),
		given("string", ["x", "y"]),
		long(3),
		given("string", "-"),
	]);
	expect(results.map(plain)).toEqual([
		["int64", [3], [0, 1, 2]],
		["string", [3], ["y", "-", "x"]],
		["bool", [3], [0, 1, 0]],
		["int64", [2], [2, 0]],
	]);
});
