import { expect, test } from "vitest";
import type { Attrs } from "../../../src/lib/graph/ir.js";
import { hostKernel } from "../../../src/lib/host/index.js";
import type { DType } from "../../../src/lib/tensor/dtype.js";
import { type Tensor, tensor } from "../../../src/lib/tensor/tensor.js";
import { given } from "../../run-kernel.js";
import { node } from "../graph/programs.js";

/** Numbers a + bi from their parts one after another. */
function complex(shape: readonly number[], ...parts: number[]): Tensor {
	return tensor("complex64", shape, Float32Array.from(parts));
}

function run(
	op: string,
	inputs: readonly Tensor[],
	attrs: Attrs = {},
	to: DType = "complex64",
): Tensor | undefined {
	const dtypes = [...inputs.map(({ dtype }) => dtype), to];
	return hostKernel({ op }, dtypes)?.(node("n", op, [], attrs), inputs)?.[0];
}

const parts = (result: Tensor | undefined) =>
	Array.from(result?.data as Float32Array);

// (1 + 2i)(3 − i) = 5 + 5i; (1 + 2i) / (3 − i) = (1 + 7i) / 10; (3 + 4i)² and its root by hand
test.each<[string, number[], number[] | undefined, number[]]>([
	["Mul", [1, 2], [3, -1], [5, 5]],
	["Div", [1, 2], [3, -1], [0.1, 0.7]],
	["SquaredDifference", [1, 2], [3, -1], [13, 0]],
	["Pow", [0, 1], [2, 0], [-1, 0]],
	["Square", [3, 4], undefined, [-7, 24]],
	["Sqrt", [-7, 24], undefined, [3, 4]],
	["Sqrt", [-4, 0], undefined, [0, 2]],
	["Sqrt", [-4, -0], undefined, [0, -2]],
	["Sign", [3, -4], undefined, [0.6, -0.8]],
	["Reciprocal", [0, 2], undefined, [0, -0.5]],
	["Exp", [0, Math.PI], undefined, [-1, 0]],
	["Log", [-1, 0], undefined, [0, Math.PI]],
	["Sinh", [0, Math.PI / 2], undefined, [0, 1]],
	["Cosh", [0, Math.PI], undefined, [-1, 0]],
	// tanh i = i tan 1
	["Tanh", [0, 1], undefined, [0, Math.tan(1)]],
	["Tanh", [1000, 1], undefined, [1, 0]],
	// asin 2 = π/2 ± i log(2 + √3) on either side of the cut; numpy takes this one for +0
	["Asin", [2, 0], undefined, [Math.PI / 2, Math.log(2 + Math.sqrt(3))]],
	["Acosh", [-1, 0], undefined, [0, Math.PI]],
	["Atanh", [0, 1], undefined, [0, Math.PI / 4]],
	["Expm1", [1e-6, 0], undefined, [1.0000005e-6, 0]],
])("%s of %j and %j is %j", (op, x, y, wanted) => {
	const inputs = [x, ...(y === undefined ? [] : [y])];
	const found = parts(
		run(
			op,
			inputs.map((value) => complex([1], ...value)),
		),
	);
	for (const [i, part] of wanted.entries())
		expect(found[i]).toBeCloseTo(part, 6);
});

test("a matrix is conjugated where it is adjoined, and not where it is transposed", () => {
	const x = complex([1, 2], 1, 1, 0, 2);
	// [1+i, 2i] · [1+i, 2i]ᵀ = 2i − 4; with its conjugate 2 + 4
	expect(
		parts(run("MatMul", [x, x], { transpose_a: false, transpose_b: true })),
	).toEqual([-4, 2]);
	expect(
		parts(run("BatchMatMulV2", [x, x], { adj_x: false, adj_y: true })),
	).toEqual([6, 0]);
});

test("reductions treat a number as one", () => {
	const x = complex([2, 2], 1, 1, 2, 0, 0, 3, 4, -1);
	const axis = given("int32", [0]);
	expect(parts(run("Sum", [x, axis], { keep_dims: false }))).toEqual([
		1, 4, 6, -1,
	]);
	// (1 + i) · 3i = −3 + 3i; 2 (4 − i) = 8 − 2i
	expect(parts(run("Prod", [x, axis], { keep_dims: false }))).toEqual([
		-3, 3, 8, -2,
	]);
	expect(
		parts(
			run("Cumsum", [x, given("int32", 0)], { exclusive: true, reverse: true }),
		),
	).toEqual([0, 3, 4, -1, 0, 0, 0, 0]);
	// TensorFlow's answer, other than that for real numbers
	expect(
		parts(run("Mean", [complex([0, 1]), axis], { keep_dims: false })),
	).toEqual([0, 0]);
});

test("numbers that are moved keep both parts", () => {
	const x = complex([2, 2], 1, 2, 3, 4, 5, 6, 7, 8);
	expect(parts(run("Transpose", [x, given("int32", [1, 0])]))).toEqual([
		1, 2, 5, 6, 3, 4, 7, 8,
	]);
	expect(
		parts(
			run("ScatterNd", [given("int32", [[1], [1]]), x, given("int32", [2, 2])]),
		),
	).toEqual([0, 0, 0, 0, 6, 8, 10, 12]);
	expect(
		run("Where", [complex([3], 0, 0, 0, 1, 2, 0)], {}, "int64")?.data,
	).toEqual(BigInt64Array.of(1n, 2n));
});

test("casts drop the imaginary part, even for truth", () => {
	const x = complex([2], 0, 1, -2.5, 0);
	const cast = (to: DType) => run("Cast", [x], { DstT: to }, to)?.data;
	expect(cast("int32")).toEqual(Int32Array.of(0, -2));
	expect(cast("bool")).toEqual(Uint8Array.of(0, 1));
	expect(cast("complex128")).toEqual(Float64Array.of(0, 1, -2.5, 0));
});

// rows 1 + i, 2, 3i and 4 under ids 1, -1, 1 and 0: (1 + i) + 3i = 1 + 4i, (1 + i) · 3i = -3 + 3i; of nothing 0 and 1
test.each([
	["UnsortedSegmentSum", [4, 0, 1, 4, 0, 0]],
	["UnsortedSegmentProd", [4, 0, -3, 3, 1, 0]],
])(
	"%s leaves out rows of negative ids, and refuses ids that are not there",
	(op, wanted) => {
		const rows = complex([4], 1, 1, 2, 0, 0, 3, 4, 0);
		const ids = tensor("int32", [4], Int32Array.of(1, -1, 1, 0));
		const count = (ids: number) => tensor("int32", [], Int32Array.of(ids));
		expect(parts(run(op, [rows, ids, count(3)]))).toEqual(wanted);
		expect(() => run(op, [rows, ids, count(1)])).toThrow(/row 0 under id 1/);
	},
);

test("BiasAdd adds a number for each channel, which are last or behind the batch", () => {
	const x = complex([1, 2, 2, 1], 1, 0, 2, 0, 3, 0, 4, 0);
	const bias = complex([2], 0, 1, 10, 0);
	expect(parts(run("BiasAdd", [x, bias], { data_format: "NCHW" }))).toEqual([
		1, 1, 2, 1, 13, 0, 14, 0,
	]);
	const last = complex([2, 2], 1, 0, 2, 0, 3, 0, 4, 0);
	expect(parts(run("BiasAdd", [last, bias], { data_format: "NHWC" }))).toEqual([
		1, 1, 12, 0, 3, 1, 14, 0,
	]);
});
