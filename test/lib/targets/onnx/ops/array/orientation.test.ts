import { describe, expect, test } from "vitest";
import { loadProgram } from "../../../../../../src/lib/engines/index.js";
import { inferTypes } from "../../../../../../src/lib/graph/infer.js";
import type { Attrs, Node } from "../../../../../../src/lib/graph/ir.js";
import { opDef } from "../../../../../../src/lib/ops/opdef.js";
import { lowerToOnnx } from "../../../../../../src/lib/targets/onnx/lower.js";
import type { Shape, Tensor } from "../../../../../../src/lib/tensor/tensor.js";
import { expectClose } from "../../../../../close.js";
import {
	counting,
	floats,
	int,
	ints,
	matrix,
} from "../../../../../one-node.js";
import { constantOf, node, program } from "../../../../graph/programs.js";

const NO_MASKS = {
	begin_mask: 0,
	end_mask: 0,
	ellipsis_mask: 0,
	new_axis_mask: 0,
	shrink_axis_mask: 0,
};

describe("channels first", () => {
	const ONES = floats([1, 1, 2, 2], [1, 0, 0, 1]);
	const CONV = {
		T: "float32",
		strides: [1, 1, 1, 1],
		padding: "VALID",
		data_format: "NHWC",
		dilations: [1, 1, 1, 1],
		explicit_paddings: [],
		use_cudnn_on_gpu: true,
	};

	/** A convolution that changes nothing, the op, and again such a convolution. */
	function between(op: string, constants: readonly Tensor[], attrs: Attrs) {
		const defaults = [...(opDef(op)?.attrs ?? [])].flatMap(
			([name, { default: value }]) =>
				value === undefined ? [] : [[name, value] as const],
		);
		const names = constants.map((_, i) => `c${i}`);
		const nodes: Node[] = [
			constantOf("w", ONES),
			node("before", "Conv2D", ["input:x", "w:0"], CONV),
			...constants.map((value, i) => constantOf(names[i], value)),
			node("op", op, ["before:0", ...names.map((name) => `${name}:0`)], {
				...Object.fromEntries(defaults),
				...attrs,
			}),
			node("after", "Conv2D", ["op:0", "w:0"], CONV),
		];
		return program([-1, 2, 3, 2], nodes, "after:0");
	}

	// x is [1, 2, 3, 2] and counts from 1
	test.each<[string, readonly Tensor[], Attrs, Tensor]>([
		[
			"Pad",
			[matrix(2, 0, 0, 1, 0, 0, 0, 0, 0)],
			{},
			floats(
				[1, 3, 3, 2],
				[0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
			),
		],
		[
			"MirrorPad",
			[matrix(2, 0, 0, 0, 1, 0, 0, 0, 0)],
			{ mode: "SYMMETRIC" },
			floats(
				[1, 3, 3, 2],
				[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 7, 8, 9, 10, 11, 12],
			),
		],
		[
			"Slice",
			[ints(0, 1, 0, 0), ints(-1, 1, 2, -1)],
			{},
			floats([1, 1, 2, 2], [7, 8, 9, 10]),
		],
		[
			"StridedSlice",
			[ints(0, 0, 0, 0), ints(0, 0, 0, 0), ints(1, -1, 2, 1)],
			{ ...NO_MASKS, begin_mask: 15, end_mask: 15 },
			floats([1, 2, 2, 2], [7, 8, 11, 12, 1, 2, 5, 6]),
		],
		[
			"ReverseV2",
			[ints(-1)],
			{},
			floats([1, 2, 3, 2], [2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11]),
		],
		[
			"Roll",
			[int(1), int(2)],
			{},
			floats([1, 2, 3, 2], [5, 6, 1, 2, 3, 4, 11, 12, 7, 8, 9, 10]),
		],
		[
			"Tile",
			[ints(1, 1, 2, 1)],
			{},
			floats(
				[1, 2, 6, 2],
				[
					1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 7, 8, 9, 10,
					11, 12,
				],
			),
		],
		[
			"GatherV2",
			[ints(1, 0), int(3)],
			{},
			floats([1, 2, 3, 2], [2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11]),
		],
		["OnesLike", [], {}, floats([1, 2, 3, 2], new Array(12).fill(1))],
	])("%s works there", async (op, constants, attrs, wanted) => {
		const graph = between(op, constants, attrs);
		const ops = lowerToOnnx(graph, inferTypes(graph), "test").nodes.map(
			(item) => item.op,
		);
		// in and out again
		expect(ops.filter((name) => name === "Transpose")).toHaveLength(2);
		const session = await loadProgram(graph, "onnx", { workers: 0 });
		expectClose((await session.run({ x: counting(1, 2, 3, 2) })).y, wanted);
		await session.close();
	});

	/** Which nodes come behind the convolution. */
	function behind(
		op: string,
		constants: readonly Tensor[],
		attrs: Attrs,
		shape: Shape,
	) {
		const graph = between(op, constants, attrs);
		const cut = {
			...graph,
			inputs: graph.inputs.map((port) => ({ ...port, shape })),
			nodes: graph.nodes.slice(0, -1),
			outputs: [{ ...graph.outputs[0], value: "op:0" }],
		};
		return lowerToOnnx(cut, inferTypes(cut), "test").nodes.flatMap((item) =>
			["Conv", "Identity"].includes(item.op) ? [] : [item.op],
		);
	}

	test("is TensorFlow's own order once the pixels are gone", () => {
		const squeeze = { squeeze_dims: [1, 2] };
		expect(behind("Squeeze", [], squeeze, [-1, 1, 1, 2])).toEqual([
			"Transpose",
			"Squeeze",
		]);
		expect(behind("Reshape", [ints(-1, 2)], {}, [-1, 1, 1, 2])).toEqual([
			"Transpose",
			"Reshape",
		]);
		const pixel = {
			...NO_MASKS,
			begin_mask: 1,
			end_mask: 1,
			shrink_axis_mask: 6,
		};
		expect(
			behind(
				"StridedSlice",
				[ints(0, 1, 1), ints(0, 2, 2), ints(1, 1, 1)],
				pixel,
				[-1, 2, 3, 2],
			),
		).toEqual(["Transpose", "Gather", "Gather"]);
	});

	test("is what a transposition from channels last asks for", () => {
		const order = ints(0, 3, 1, 2);
		expect(behind("Transpose", [order], {}, [-1, 2, 3, 2])).toEqual([
			"Transpose",
		]);
	});
});
