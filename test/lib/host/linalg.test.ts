import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { opDef } from "../../../src/lib/ops/opdef.js";
import type { Tensor } from "../../../src/lib/tensor/tensor.js";
import { given, runKernel } from "../../run-kernel.js";

const double = (value: unknown) => given("float64", value);

async function run(op: string, inputs: readonly Tensor[], attrs: Attrs = {}) {
	const results = (await runKernel(op, inputs, attrs)) as readonly Tensor[];
	expect(results).toHaveLength(opDef(op)?.outputs.length ?? 0);
	return results.map(({ shape, data }) => ({
		shape,
		// rounded to what is written below, and without -0
		data: Array.from(
			data as Float64Array,
			(x) => Math.round(x * 1e9) / 1e9 + 0,
		),
	}));
}

const some = double([
	[4, 3],
	[6, 3],
]);

test.each([
	["MatrixInverse", {}, [[-0.5, 0.5, 1, -2 / 3]]],
	["MatrixInverse", { adjoint: true }, [[-0.5, 1, 0.5, -2 / 3]]],
	["MatrixDeterminant", {}, [[-6]]],
	["LogMatrixDeterminant", {}, [[-1], [Math.log(6)]]],
	// rows exchanged: 6 3 | 4 3 is 1 0 | 2/3 1 times 6 3 | 0 1
	[
		"Lu",
		{ output_idx_type: "int32" },
		[
			[6, 3, 2 / 3, 1],
			[1, 0],
		],
	],
])("%s with %j of a matrix of two rows", async (op, attrs, wanted) => {
	const results = await run(op, [some], attrs);
	for (const [i, { data }] of results.entries())
		for (const [k, value] of data.entries())
			expect(value).toBeCloseTo(wanted[i][k], 8);
});

test.each(["MatrixInverse", "Lu"])(
	"%s refuses a matrix without an inverse",
	async (op) => {
		const attrs = { output_idx_type: "int32" };
		const singular = double([
			[1, 2],
			[2, 4],
		]);
		await expect(run(op, [singular], attrs)).rejects.toThrow(
			"cannot invert a matrix: it is singular",
		);
	},
);

test("a triangle of a batch of one solves for all right sides", async () => {
	const [x] = await run(
		"MatrixTriangularSolve",
		[
			double([
				[2, 9],
				[1, 4],
			]),
			double([
				[[2], [5]],
				[[4], [2]],
			]),
		],
		{ lower: true, adjoint: false },
	);
	expect(x).toEqual({ shape: [2, 2, 1], data: [1, 1, 2, 0] });
});

test("bands are rows, and their numbers stand in the row that they belong to", async () => {
	// 1 2 | 0 4 is, by its upper bands, 2 · | 1 4
	const [x] = await run(
		"BandedTriangularSolve",
		[
			double([
				[2, 0],
				[1, 4],
			]),
			double([[5], [8]]),
		],
		{ lower: false },
	);
	expect(x.data).toEqual([1, 2]);
});

test("a tridiagonal system whose first pivot is 0 is solved with rows exchanged", async () => {
	// 0 1 0 | 1 0 1 | 0 1 1 times (1, 2, 3)
	const diagonals = double([
		[1, 1, 0],
		[0, 0, 1],
		[0, 1, 1],
	]);
	const right = double([[2], [4], [5]]);
	const [x] = await run("TridiagonalSolve", [diagonals, right]);
	expect(x.data).toEqual([1, 2, 3]);
	await expect(
		run("TridiagonalSolve", [diagonals, right], { partial_pivoting: false }),
	).rejects.toThrow("singular");
});

test("a root that does not exist is NaN below the diagonal, as in TensorFlow", async () => {
	const [root] = await run("Cholesky", [
		double([
			[1, 2],
			[2, 1],
		]),
	]);
	expect(root.data).toEqual([NaN, 0, NaN, NaN]);
});

test("columns are made orthogonal with Eigen's signs", async () => {
	// TensorFlow 2.21: tf.linalg.qr([[3., 1.], [4., 2.]])
	const [q, r] = await run("Qr", [
		double([
			[3, 1],
			[4, 2],
		]),
	]);
	expect(q.data).toEqual([-0.6, -0.8, -0.8, 0.6]);
	expect(r.data).toEqual([-5, -2.2, 0, 0.4]);
});

test("eigenvalues rise, and nothing is said of the upper triangle", async () => {
	const [values, vectors] = await run("SelfAdjointEigV2", [
		double([
			[2, 77],
			[1, 2],
		]),
	]);
	expect(values.data).toEqual([1, 3]);
	const half = Math.round(Math.SQRT1_2 * 1e9) / 1e9;
	expect(vectors.data.map(Math.abs)).toEqual([half, half, half, half]);
});

test("values, and the vectors on request, of a wide matrix", async () => {
	const wide = double([
		[0, 3, 0],
		[4, 0, 0],
	]);
	const [values, u, v] = await run("Svd", [wide], { full_matrices: true });
	expect(values.data).toEqual([4, 3]);
	expect([u.shape, v.shape]).toEqual([
		[2, 2],
		[3, 3],
	]);
	const [alone, none] = await run("Svd", [wide], { compute_uv: false });
	expect(alone.data).toEqual([4, 3]);
	expect(none.shape).toEqual([]);
});

test("a matrix without rank has no normal equations, and a shortest solution", async () => {
	const inputs = [
		double([
			[1, 0],
			[0, 0],
		]),
		double([[2], [3]]),
		double(0),
	];
	await expect(run("MatrixSolveLs", inputs)).rejects.toThrow("lacks rank");
	const [x] = await run("MatrixSolveLs", inputs, { fast: false });
	expect(x.data).toEqual([2, 0]);
});

test("a batch of none has results of none", async () => {
	const none = { ...double([]), shape: [0, 2, 2] };
	const shapes = async (op: string) =>
		(await run(op, [none])).map(({ shape }) => shape);
	expect(await shapes("MatrixInverse")).toEqual([[0, 2, 2]]);
	expect(await shapes("LogMatrixDeterminant")).toEqual([[0], [0]]);
	expect(await shapes("SelfAdjointEigV2")).toEqual([
		[0, 2],
		[0, 2, 2],
	]);
});
