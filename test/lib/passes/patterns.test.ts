import { expect, test } from "vitest";
import { constantAttr } from "../../../src/lib/graph/attrs.js";
import { checkProgram } from "../../../src/lib/graph/check.js";
import type { Node, Program } from "../../../src/lib/graph/ir.js";
import { expandComposites } from "../../../src/lib/passes/expand.js";
import { foldConstants } from "../../../src/lib/passes/fold.js";
import { fuseAffine } from "../../../src/lib/passes/patterns/affine.js";
import { fuseDilations } from "../../../src/lib/passes/patterns/dilation.js";
import { fusePadding } from "../../../src/lib/passes/patterns/padding.js";
import { fuseRepeats } from "../../../src/lib/passes/patterns/repeat.js";
import { prune } from "../../../src/lib/passes/prune.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import { constant, constantOf, node, program } from "../graph/programs.js";

const CONV = {
	T: "float32",
	strides: [1, 1, 1, 1],
	padding: "VALID",
	explicit_paddings: [],
	data_format: "NHWC",
	dilations: [1, 1, 1, 1],
	use_cudnn_on_gpu: true,
};
const BIAS = { T: "float32", data_format: "NHWC" };

const ops = ({ nodes }: Program) =>
	nodes.filter(({ op }) => op !== "Const").map(({ op }) => op);
const only = (found: Program, op: string): Node => {
	const matching = found.nodes.filter((candidate) => candidate.op === op);
	expect(matching).toHaveLength(1);
	return matching[0];
};
const valuesOf = (found: Program, value: string) => {
	const source = found.nodes.find(({ outputs }) =>
		outputs.includes(value),
	) as Node;
	return [...(constantAttr(source, "value").read().data as Float32Array)];
};
const integers = (
	name: string,
	shape: readonly number[],
	values: readonly number[],
) => constantOf(name, tensorFromNumbers("int32", shape, values));

test("fuseAffine() folds a factor and offsets behind a convolution into its weights and bias", () => {
	const before = program(
		[-1, 4, 4, 1],
		[
			constant("w", [1, 1, 1, 2], [1, 2]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONV),
			constant("b", [2], [10, 20]),
			node("bias", "BiasAdd", ["conv:0", "b:0"], BIAS),
			constant("s", [1, 1, 1, 2], [2, 3]),
			node("scale", "Mul", ["s:0", "bias:0"], { T: "float32" }),
			constant("o", [], [1]),
			node("offset", "Sub", ["scale:0", "o:0"], { T: "float32" }),
		],
		"offset:0",
	);
	const after = prune(fuseAffine(before));
	checkProgram(after);
	const fused = only(after, "_FusedConv2D");
	expect(ops(after)).toEqual(["_FusedConv2D"]);
	// (w·x + b)·s − 1: weights 1·2 and 2·3, bias 10·2 − 1 and 20·3 − 1
	expect(valuesOf(after, fused.inputs[1])).toEqual([2, 6]);
	expect(valuesOf(after, fused.inputs[2])).toEqual([19, 59]);
	expect(after.outputs[0].value).toBe("offset:0");
});

test("fuseAffine() leaves a batch normalization whose statistics are returned", () => {
	const four = ["gamma", "beta", "mean", "variance"];
	const norm = node(
		"norm",
		"FusedBatchNormV3",
		["conv:0", ...four.map((name) => `${name}:0`)],
		{ T: "float32", U: "float32", epsilon: 0, is_training: false },
	);
	const before = program(
		[-1, 4, 4, 1],
		[
			constant("w", [1, 1, 1, 2], [1, 1]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONV),
			...four.map((name) => constant(name, [2], [1, 1])),
			{ ...norm, outputs: ["norm:0", "norm:1"] },
		],
		"norm:0",
	);
	const mean = { ...before.outputs[0], name: "mean", value: "norm:1" };
	const after = fuseAffine({ ...before, outputs: [...before.outputs, mean] });
	expect(ops(after)).toEqual(["Conv2D", "FusedBatchNormV3"]);
});

test("fuseAffine() folds a batch normalization", () => {
	const parameters = [
		["gamma", [2, 2]],
		["beta", [1, 1]],
		["mean", [3, 5]],
		["variance", [3, 15]],
	] as const;
	const before = program(
		[-1, 4, 4, 1],
		[
			constant("w", [1, 1, 1, 2], [1, 1]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONV),
			...parameters.map(([name, values]) => constant(name, [2], values)),
			node(
				"norm",
				"FusedBatchNormV3",
				["conv:0", ...parameters.map(([name]) => `${name}:0`)],
				{
					T: "float32",
					U: "float32",
					epsilon: 1,
					is_training: false,
					data_format: "NHWC",
					exponential_avg_factor: 1,
				},
			),
		],
		"norm:0",
	);
	const after = prune(fuseAffine(before));
	const fused = only(after, "_FusedConv2D");
	// 2/√(3+1) = 1 and 2/√(15+1) = 0.5; 1 − 3·1 = −2 and 1 − 5·0.5 = −1.5
	expect(valuesOf(after, fused.inputs[1])).toEqual([1, 0.5]);
	expect(valuesOf(after, fused.inputs[2])).toEqual([-2, -1.5]);
});

test("fuseAffine() leaves a convolution alone whose result is used twice", () => {
	const before = program(
		[-1, 4, 4, 1],
		[
			constant("w", [1, 1, 1, 1], [1]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONV),
			constant("b", [1], [1]),
			node("bias", "BiasAdd", ["conv:0", "b:0"], BIAS),
			node("sum", "AddV2", ["bias:0", "conv:0"], { T: "float32" }),
		],
		"sum:0",
	);
	expect(ops(fuseAffine(before))).toEqual(["Conv2D", "BiasAdd", "AddV2"]);
});

test("fuseAffine() leaves an offset that is not one a channel", () => {
	const before = program(
		[1, 1, 3, 1],
		[
			constant("w", [1, 1, 1, 1], [1]),
			node("conv", "Conv2D", ["input:x", "w:0"], CONV),
			constant("o", [3, 1], [1, 2, 3]),
			node("offset", "AddV2", ["conv:0", "o:0"], { T: "float32" }),
		],
		"offset:0",
	);
	expect(ops(fuseAffine(before))).toEqual(["Conv2D", "AddV2"]);
});

test("fusePadding() makes zeros around a picture part of the convolution", () => {
	const before = program(
		[-1, 4, 4, 1],
		[
			integers("p", [4, 2], [0, 0, 1, 2, 3, 4, 0, 0]),
			node("pad", "Pad", ["input:x", "p:0"], {
				T: "float32",
				Tpaddings: "int32",
			}),
			constant("w", [3, 3, 1, 1], new Array(9).fill(1)),
			node("conv", "Conv2D", ["pad:0", "w:0"], CONV),
		],
		"conv:0",
	);
	const after = prune(fusePadding(before));
	checkProgram(after);
	expect(only(after, "Conv2D")).toMatchObject({
		inputs: ["input:x", "w:0"],
		attrs: { padding: "EXPLICIT", explicit_paddings: [0, 0, 1, 2, 3, 4, 0, 0] },
	});
	expect(ops(after)).toEqual(["Conv2D"]);
});

test("fusePadding() leaves zeros between channels", () => {
	const before = program(
		[-1, 4, 4, 1],
		[
			integers("p", [4, 2], [0, 0, 0, 0, 0, 0, 0, 1]),
			node("pad", "Pad", ["input:x", "p:0"], {
				T: "float32",
				Tpaddings: "int32",
			}),
			constant("w", [1, 1, 2, 1], [1, 1]),
			node("conv", "Conv2D", ["pad:0", "w:0"], CONV),
		],
		"conv:0",
	);
	expect(ops(fusePadding(before))).toEqual(["Pad", "Conv2D"]);
});

test("fuseDilations() makes one dilated convolution of cutting, convolving and joining", () => {
	const before = program(
		[1, 9, 9, 1],
		[
			integers("block", [2], [2, 2]),
			integers("paddings", [2, 2], [2, 3, 2, 3]),
			node("split", "SpaceToBatchND", ["input:x", "block:0", "paddings:0"], {
				T: "float32",
				Tblock_shape: "int32",
				Tpaddings: "int32",
			}),
			constant("w", [3, 3, 1, 1], new Array(9).fill(1)),
			node("conv", "Conv2D", ["split:0", "w:0"], CONV),
			integers("crops", [2, 2], [0, 1, 0, 1]),
			node("join", "BatchToSpaceND", ["conv:0", "block:0", "crops:0"], {
				T: "float32",
				Tblock_shape: "int32",
				Tcrops: "int32",
			}),
		],
		"join:0",
	);
	const after = prune(fuseDilations(before));
	checkProgram(after);
	// what is padded and cropped again at the end, 3 − 1, is padding of the convolution
	expect(only(after, "Conv2D").attrs).toMatchObject({
		dilations: [1, 2, 2, 1],
		padding: "EXPLICIT",
		explicit_paddings: [0, 0, 2, 2, 2, 2, 0, 0],
	});
	expect(ops(after)).toEqual(["Conv2D"]);
});

test("foldConstants() computes what depends on constants alone", () => {
	const before = program(
		[2],
		[
			constant("a", [2], [4, 9]),
			node("root", "Sqrt", ["a:0"], { T: "float32" }),
			node("sum", "AddV2", ["input:x", "root:0"], { T: "float32" }),
		],
		"sum:0",
	);
	const after = prune(foldConstants(before));
	checkProgram(after);
	expect(ops(after)).toEqual(["AddV2"]);
	expect(valuesOf(after, only(after, "AddV2").inputs[1])).toEqual([2, 3]);
});

test("foldConstants() folds a size that the input's shape fixes, and leaves one that it does not", () => {
	const shapeOf = (shape: readonly number[]) =>
		program(
			shape,
			[
				node("shape", "Shape", ["input:x"], {
					T: "float32",
					out_type: "int32",
				}),
			],
			"shape:0",
		);
	expect(ops(prune(foldConstants(shapeOf([2, 3]))))).toEqual([]);
	expect(ops(prune(foldConstants(shapeOf([-1, 3]))))).toEqual(["Shape"]);
});

test("foldConstants() does not make a large tensor of a small one", () => {
	const before = program(
		[2],
		[
			integers("dims", [2], [1000, 1000]),
			constant("one", [], [1]),
			node("fill", "Fill", ["dims:0", "one:0"], {
				T: "float32",
				index_type: "int32",
			}),
		],
		"fill:0",
	);
	expect(ops(foldConstants(before))).toEqual(["Fill"]);
});

test("expandComposites() leaves primitive ops only, with all invariants", () => {
	const before = program(
		[2],
		[node("mod", "Mod", ["input:x", "input:x"], { T: "int32" })],
		"mod:0",
		"int32",
	);
	const after = expandComposites(before);
	checkProgram(after);
	expect(ops(after)).toEqual(["TruncateMod"]);
});

/** ExpandDims, Tile, Reshape of `x`, as Keras repeats along an axis. */
const repeat = (
	name: string,
	x: string,
	axis: number,
	count: number,
	shape: readonly number[],
) => [
	integers(`${name}/axis`, [], [axis + 1]),
	node(`${name}/expand`, "ExpandDims", [x, `${name}/axis:0`], {
		T: "float32",
		Tdim: "int32",
	}),
	integers(
		`${name}/multiples`,
		[5],
		[0, 1, 2, 3, 4].map((i) => (i === axis + 1 ? count : 1)),
	),
	node(`${name}/tile`, "Tile", [`${name}/expand:0`, `${name}/multiples:0`], {
		T: "float32",
		Tmultiples: "int32",
	}),
	integers(`${name}/shape`, [shape.length], shape),
	node(name, "Reshape", [`${name}/tile:0`, `${name}/shape:0`], {
		T: "float32",
		Tshape: "int32",
	}),
];

test("fuseRepeats() makes one resize of rows and columns that are repeated", () => {
	const before = program(
		[-1, 4, 6, 3],
		[
			...repeat("rows", "input:x", 1, 2, [-1, 8, 6, 3]),
			...repeat("both", "rows:0", 2, 3, [-1, 8, 18, 3]),
		],
		"both:0",
	);
	const after = prune(fuseRepeats(before));
	checkProgram(after);
	const resize = only(after, "ResizeNearestNeighbor");
	expect(ops(after)).toEqual(["ResizeNearestNeighbor"]);
	expect(resize.inputs[0]).toBe("input:x");
	expect(valuesOf(after, resize.inputs[1])).toEqual([8, 18]);
	expect(after.outputs[0].value).toBe("both:0");
});

test.each([
	["tiles columns", 1, [-1, 4, 12, 3]],
	["repeats channels", 3, [-1, 4, 6, 6]],
	["does not know the columns", 1, [2, 8, -1, 3]],
])("fuseRepeats() leaves alone what %s", (what, axis, shape) => {
	const known = what.startsWith("does") ? [2, 4, -1, 3] : [-1, 4, 6, 3];
	const before = program(known, repeat("r", "input:x", axis, 2, shape), "r:0");
	expect(ops(fuseRepeats(before))).toEqual(["ExpandDims", "Tile", "Reshape"]);
});
