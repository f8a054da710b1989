import { expect, test } from "vitest";
import type { Node } from "../../../src/lib/graph/ir.js";
import { hasOwnRows } from "../../../src/lib/graph/rows.js";
import { tensor } from "../../../src/lib/tensor/tensor.js";
import { constant, constantOf, node, program } from "./programs.js";

const ints = (name: string, shape: readonly number[], values: number[]): Node =>
	constantOf(name, tensor("int32", shape, Int32Array.from(values)));
const T = { T: "float32" };
const reduced = { ...T, Tidx: "int32", keep_dims: true };
const slice = {
	...{ T: "int32", Index: "int32", begin_mask: 0, end_mask: 0 },
	...{ ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 1 },
};
const firstSize: readonly Node[] = [
	node("shape", "Shape", ["input:x"], { T: "float32", out_type: "int32" }),
	ints("zero", [1], [0]),
	ints("one", [1], [1]),
	node("count", "StridedSlice", ["shape:0", "zero:0", "one:0", "one:0"], slice),
];

/** Of x, which is [?,4]; the last node is the answer. */
const OWN: Readonly<Record<string, readonly Node[]>> = {
	"a factor and an offset a column": [
		constant("factor", [4], [1, 2, 3, 4]),
		node("scaled", "Mul", ["input:x", "factor:0"], T),
		constant("offset", [1, 4], [1, 2, 3, 4]),
		node("y", "AddV2", ["scaled:0", "offset:0"], T),
	],
	"the mean of each row taken away": [
		ints("axis", [1], [1]),
		node("mean", "Mean", ["input:x", "axis:0"], reduced),
		node("y", "Sub", ["input:x", "mean:0"], T),
	],
	"a matrix on the right": [
		constant("weights", [4, 1], [1, 2, 3, 4]),
		node("y", "MatMul", ["input:x", "weights:0"], {
			...T,
			transpose_a: false,
			transpose_b: false,
		}),
	],
	"rows in another shape, by their number": [
		...firstSize,
		ints("two", [], [2]),
		node("target", "Pack", ["count:0", "two:0", "two:0"], {
			T: "int32",
			N: 3,
			axis: 0,
		}),
		node("y", "Reshape", ["input:x", "target:0"], { ...T, Tshape: "int32" }),
	],
};

const MIXED: Readonly<Record<string, readonly Node[]>> = {
	"the mean of each column taken away": [
		ints("axis", [1], [0]),
		node("mean", "Mean", ["input:x", "axis:0"], reduced),
		node("y", "Sub", ["input:x", "mean:0"], T),
	],
	"columns and rows exchanged": [
		ints("perm", [2], [1, 0]),
		node("y", "Transpose", ["input:x", "perm:0"], { ...T, Tperm: "int32" }),
	],
	"rows cut into two": [
		ints("target", [2], [-1, 2]),
		node("y", "Reshape", ["input:x", "target:0"], { ...T, Tshape: "int32" }),
	],
	"a division by the number of rows": [
		...firstSize,
		node("divisor", "Cast", ["count:0"], {
			SrcT: "int32",
			DstT: "float32",
			Truncate: false,
		}),
		node("y", "RealDiv", ["input:x", "divisor:0"], T),
	],
	"random numbers": [
		ints("size", [1], [4]),
		node("noise", "RandomUniform", ["size:0"], {
			...{ T: "int32", dtype: "float32", seed: 0, seed2: 0 },
		}),
		node("y", "AddV2", ["input:x", "noise:0"], T),
	],
	"a rule that is not there": [node("y", "Unheard", ["input:x"], T)],
};

test.each(Object.entries(OWN))("rows are apart after %s", (_, nodes) => {
	expect(hasOwnRows(program([-1, 4], nodes, "y:0"))).toBe(true);
});

test.each(Object.entries(MIXED))("rows are not apart after %s", (_, nodes) => {
	expect(hasOwnRows(program([-1, 4], nodes, "y:0"))).toBe(false);
});
