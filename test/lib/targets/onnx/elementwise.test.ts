import { expect, test } from "vitest";
import { inferTypes } from "../../../../src/lib/graph/infer.js";
import { lowerToOnnx } from "../../../../src/lib/targets/onnx/lower.js";
import { constant, node, program } from "../../graph/programs.js";

const POOL = {
	T: "float32",
	ksize: [1, 2, 2, 1],
	strides: [1, 2, 2, 1],
	padding: "VALID",
	explicit_paddings: [],
	data_format: "NHWC",
};

test.each([
	["a scalar", []],
	["one value a channel", [3]],
	["one value a channel and place", [2, 2, 3]],
	["one row", [1, 2, 3]],
	["a whole picture", [1, 2, 2, 3]],
])("elementwise() with %s stays channels first behind a pool", (_, shape) => {
	const size = shape.reduce((a, b) => a * b, 1);
	const lowered = program(
		[-1, 4, 4, 3],
		[
			node("pool", "MaxPool", ["input:x"], POOL),
			constant("c", shape, new Array(size).fill(1)),
			node("sum", "AddV2", ["pool:0", "c:0"], { T: "float32" }),
			node("again", "MaxPool", ["sum:0"], POOL),
		],
		"again:0",
	);
	const { nodes } = lowerToOnnx(lowered, inferTypes(lowered), "test");
	// the picture in, and the answer out
	expect(nodes.map(({ op }) => op)).toEqual([
		"Transpose",
		"MaxPool",
		"Add",
		"MaxPool",
		"Transpose",
		"Identity",
	]);
});
