import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { given, plain, runKernel } from "../../run-kernel.js";

const long = (value: unknown) => given("int64", value);

/** Indices, values and shape. */
function sparse(
	indices: readonly (readonly number[])[],
	values: Tensor,
	shape: readonly number[],
): readonly [Tensor, Tensor, Tensor] {
	return [long(indices), values, long(shape)];
}

const run = async (op: string, inputs: readonly Tensor[], attrs: Attrs = {}) =>
	(await runKernel(op, inputs, attrs)).map(plain);

const words = (...list: string[]) => given("string", list);
const ints = (...list: number[]) => given("int32", list);

test("values are put in the order of their places", async () => {
	const tensor = sparse(
		[
			[1, 0],
			[0, 1],
		],
		words("b", "a"),
		[2, 2],
	);
	expect(await run("SparseReorder", tensor)).toEqual([
		["int64", [2, 2], [0, 1, 1, 0]],
		["string", [2], ["a", "b"]],
	]);
});

test("a new shape moves the places, and its unknown size is what is left", async () => {
	expect(
		await run("SparseReshape", [
			long([
				[0, 0],
				[1, 2],
			]),
			long([2, 3]),
			long([3, -1]),
		]),
	).toEqual([
		["int64", [2, 2], [0, 0, 2, 1]],
		["int64", [2], [3, 2]],
	]);
	await expect(
		run("SparseReshape", [long([[0, 0]]), long([2, 3]), long([4, -1])]),
	).rejects.toThrow(
		"cannot give a sparse tensor of shape [2,3] the shape [4,-1]",
	);
});

test("rows without values get the default, and values that come late go where they belong", async () => {
	const tensor = sparse(
		[
			[2, 1],
			[0, 3],
		],
		words("c", "a"),
		[3, 4],
	);
	expect(
		await run("SparseFillEmptyRows", [...tensor, given("string", "-")]),
	).toEqual([
		["int64", [3, 2], [0, 3, 1, 0, 2, 1]],
		["string", [3], ["a", "-", "c"]],
		["bool", [3], [0, 1, 0]],
		["int64", [2], [2, 0]],
	]);
});

test("tensors are joined in the order of their places", async () => {
	const [a, b] = [
		sparse([[1, 0]], ints(5), [2, 1]),
		sparse([[0, 1]], ints(6), [2, 2]),
	];
	const inputs = [0, 1, 2].flatMap((part) => [a[part], b[part]]);
	expect(await run("SparseConcat", inputs, { concat_dim: -1, N: 2 })).toEqual([
		["int64", [2, 2], [0, 2, 1, 0]],
		["int32", [2], [6, 5]],
		["int64", [2], [2, 3]],
	]);
});

test("of two values at one place the sum is left out if it is small, of one it never is", async () => {
	const [a, b] = [
		sparse([[0], [1]], ints(3, 1), [3]),
		sparse([[0], [2]], ints(-3, 2), [3]),
	];
	expect(await run("SparseAdd", [...a, ...b, given("int32", 2)])).toEqual([
		["int64", [2, 1], [1, 2]],
		["int32", [2], [1, 2]],
		["int64", [1], [3]],
	]);
});

test("a sparse matrix times a dense one, both turned", async () => {
	// [[0, 2], [3, 0]] turned is [[0, 3], [2, 0]]; [[1, 4]] turned is a column
	const tensor = sparse(
		[
			[0, 1],
			[1, 0],
		],
		given("float32", [2, 3]),
		[2, 2],
	);
	expect(
		await run(
			"SparseTensorDenseMatMul",
			[...tensor, given("float32", [[1, 4]])],
			{ adjoint_a: true, adjoint_b: true },
		),
	).toEqual([["float32", [2, 1], [12, 2]]]);
});

test("integers are not divided by 0", async () => {
	const tensor = sparse([[1]], ints(4), [2]);
	await expect(
		run("SparseDenseCwiseDiv", [...tensor, ints(1, 0)]),
	).rejects.toThrow("cannot divide an integer by 0");
});

test("a place without values is 0 in the maximum, and negative values stay", async () => {
	const tensor = sparse(
		[
			[0, 0],
			[0, 1],
		],
		ints(-3, -5),
		[2, 2],
	);
	expect(
		await run("SparseReduceMax", [...tensor, ints(1)], { keep_dims: true }),
	).toEqual([["int32", [2, 1], [-3, 0]]]);
});

test("sets are unions of bytes in their order, by TensorFlow's names in any case", async () => {
	expect(
		await run(
			"DenseToDenseSetOperation",
			[given("string", [["b", "a", "b"]]), given("string", [["c"]])],
			{ set_operation: "UNION", validate_indices: true },
		),
	).toEqual([
		["int64", [3, 2], [0, 0, 0, 1, 0, 2]],
		["string", [3], ["a", "b", "c"]],
		["int64", [2], [1, 3]],
	]);
});

test("a distance to no truth is infinite when it is divided by the truth's length", async () => {
	const some = sparse(
		[
			[0, 0],
			[0, 1],
			[1, 0],
		],
		words("a", "b", "c"),
		[2, 2],
	);
	const truth = sparse(
		[
			[0, 0],
			[0, 1],
		],
		words("b", "c"),
		[2, 2],
	);
	expect(await run("EditDistance", [...some, ...truth])).toEqual([
		["float32", [2], [1, Infinity]],
	]);
});

test.each([
	["cannot count number 1: it is -1", [3, -1], []],
	["cannot weigh 2 numbers by 3 weights", [3, 1], [1, 2, 3]],
])(
	"counting refuses what it cannot place: %s",
	async (message, list, weights) => {
		await expect(
			run(
				"DenseCountSparseOutput",
				[ints(...list), given("float32", weights)],
				{
					binary_output: false,
				},
			),
		).rejects.toThrow(message);
	},
);

test("an index outside the tensor is refused with its value's number", async () => {
	const tensor = sparse(
		[
			[0, 0],
			[0, 7],
		],
		ints(1, 2),
		[1, 4],
	);
	await expect(run("SparseReduceSum", [...tensor, ints(1)])).rejects.toThrow(
		"cannot place value 1 at index 7 of axis 1: the sparse tensor has shape [1,4]",
	);
});

const crossed = [
	...sparse(
		[
			[0, 0],
			[0, 1],
		],
		long([7, -1]),
		[1, 2],
	),
	given("string", [["a"]]),
	long([[5]]),
];

test("columns are crossed to texts, integers in decimals", async () => {
	expect(
		await run("SparseCrossV2", [...crossed, given("string", "_")], { N: 1 }),
	).toEqual([
		["int64", [2, 2], [0, 0, 0, 1]],
		["string", [2], ["7_a_5", "-1_a_5"]],
		["int64", [2], [1, 2]],
	]);
});

test("columns are crossed to TensorFlow's numbers", async () => {
	// TensorFlow 2.21
	const rest = [long(1000), given("bool", 0), long([3, 4])];
	const [, values] = await run("SparseCrossHashed", [...crossed, ...rest], {
		N: 1,
	});
	expect(values).toEqual(["int64", [2], [224, 957]]);
});

test("a row of a ragged column without values has no crosses", async () => {
	expect(
		await run(
			"RaggedCross",
			[words("a", "b"), long([0, 2, 2]), given("string", [["x"], ["y"]])],
			{
				input_order: "DR",
				Nsparse: 0,
				hashed_output: false,
				out_row_splits_type: "int64",
			},
		),
	).toEqual([
		["string", [2], ["x_X_a", "x_X_b"]],
		["int64", [3], [0, 2, 2]],
	]);
});

test("columns of unequal numbers of rows are not crossed", async () => {
	const inputs = [...crossed.slice(0, 3), given("string", [["a"], ["b"]])];
	await expect(
		run("SparseCrossV2", [...inputs, given("string", "_")], { N: 1 }),
	).rejects.toThrow("cannot cross columns of 1 and 2 rows");
});
