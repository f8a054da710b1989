import { describe, expect, test } from "vitest";
import { inferTypes } from "../../../src/lib/graph/infer.js";
import type { Attrs, Node } from "../../../src/lib/graph/ir.js";
import type { ValueType } from "../../../src/lib/ops/define.js";
import { opDef } from "../../../src/lib/ops/opdef.js";
import { tensorFromNumbers } from "../../../src/lib/tensor/numbers.js";
import type { Shape } from "../../../src/lib/tensor/tensor.js";
import { inferOne, ints } from "../../one-node.js";
import { constantOf, node, program } from "../graph/programs.js";

const float = (...shape: number[]): ValueType => ({ dtype: "float32", shape });
const anything: ValueType = { dtype: "float32", shape: undefined };
const unknown = (...shape: number[]): ValueType => ({ dtype: "int32", shape });
const int = (value: number) => tensorFromNumbers("int32", [], [value]);
const matrix = (columns: number, ...values: number[]) =>
	tensorFromNumbers("int32", [values.length / columns, columns], values);

const shapeOf = (
	op: string,
	inputs: Parameters<typeof inferOne>[1],
	attrs: Attrs = {},
) => inferOne(op, inputs, attrs)[0].shape;

const NO_MASKS = {
	begin_mask: 0,
	end_mask: 0,
	ellipsis_mask: 0,
	new_axis_mask: 0,
	shrink_axis_mask: 0,
};

/** Nodes named by what they compute, `a = Shape input:x`, on an int32 or float32 input; TensorFlow's defaults filled in. */
function chain(shape: Shape, ...steps: readonly Step[]): readonly ValueType[] {
	const nodes = steps.map((step): Node => {
		if ("constant" in step) return constantOf(step.name, step.constant);
		const defaults = [...(opDef(step.op)?.attrs ?? [])].flatMap(
			([name, { default: value }]) =>
				value === undefined ? [] : [[name, value] as const],
		);
		return node(step.name, step.op, step.inputs, {
			...Object.fromEntries(defaults),
			...step.attrs,
		});
	});
	const graph = program(shape, nodes, `${steps[steps.length - 1].name}:0`);
	const types = inferTypes(graph);
	return nodes.map(({ outputs }) => types.typeOf(outputs[0]));
}

type Step =
	| { readonly name: string; readonly constant: ReturnType<typeof ints> }
	| {
			readonly name: string;
			readonly op: string;
			readonly inputs: readonly string[];
			readonly attrs?: Attrs;
	  };

const constant = (name: string, value: ReturnType<typeof ints>): Step => ({
	name,
	constant: value,
});
const step = (
	name: string,
	op: string,
	inputs: readonly string[],
	attrs: Attrs = {},
): Step => ({ name, op, inputs, attrs });

describe("the elements of shapes are followed", () => {
	const SHAPE = step("shape", "Shape", ["input:x"]);

	test("from Shape through StridedSlice and Pack into Reshape", () => {
		// tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1] * 4, 2])
		const types = chain(
			[-1, 3, 8],
			SHAPE,
			constant("zero", ints(0)),
			constant("one", ints(1)),
			constant("two", ints(2)),
			step("batch", "StridedSlice", ["shape:0", "zero:0", "one:0", "one:0"], {
				...NO_MASKS,
				shrink_axis_mask: 1,
			}),
			step("rows", "StridedSlice", ["shape:0", "one:0", "two:0", "one:0"], {
				...NO_MASKS,
				shrink_axis_mask: 1,
			}),
			constant("four", int(4)),
			constant("last", int(2)),
			step("product", "Mul", ["rows:0", "four:0"], { T: "int32" }),
			step("sizes", "Pack", ["batch:0", "product:0", "last:0"], { axis: 0 }),
			step("result", "Reshape", ["input:x", "sizes:0"]),
		);
		expect(types.at(-2)?.elements).toEqual([undefined, 12, 2]);
		expect(types.at(-1)?.shape).toEqual([-1, 12, 2]);
	});

	test("through slices, joins, gathers, orders and repetitions", () => {
		const types = chain(
			[-1, 3, 5],
			SHAPE,
			constant("zero", ints(0)),
			constant("one", ints(1)),
			constant("axis", int(0)),
			constant("order", ints(2, 0)),
			constant("minus", ints(-1)),
			step("tail", "StridedSlice", ["shape:0", "one:0", "zero:0", "one:0"], {
				...NO_MASKS,
				end_mask: 1,
			}),
			step("joined", "ConcatV2", ["tail:0", "shape:0", "axis:0"], { N: 2 }),
			step("picked", "GatherV2", ["joined:0", "order:0", "axis:0"]),
			step("backwards", "ReverseV2", ["shape:0", "zero:0"]),
			step("first", "Slice", ["shape:0", "zero:0", "one:0"]),
			step("twice", "Tile", ["tail:0", "one:0"]),
			step("piece", "Unpack", ["first:0"], { num: 1, axis: 0 }),
			step("flat", "Reshape", ["shape:0", "minus:0"]),
		).map(({ elements }) => elements);
		expect(types.slice(6)).toEqual([
			[3, 5],
			[3, 5, undefined, 3, 5],
			[undefined, 3],
			[5, 3, undefined],
			[undefined],
			[3, 5],
			[undefined],
			[undefined, 3, 5],
		]);
	});

	test("of matrices too: paddings that are known in part", () => {
		// paddings [[0, 0], [1, unknown], [0, 0]]
		const types = chain(
			[2, -1, 3],
			SHAPE,
			constant("one", ints(1)),
			constant("two", ints(2)),
			step("width", "StridedSlice", ["shape:0", "one:0", "two:0", "one:0"], {
				...NO_MASKS,
				shrink_axis_mask: 1,
			}),
			constant("before", int(1)),
			step("edge", "Pack", ["before:0", "width:0"], { axis: 0 }),
			constant("none", ints(0, 0)),
			step("paddings", "Pack", ["none:0", "edge:0", "none:0"], { axis: 0 }),
			step("padded", "Pad", ["input:x", "paddings:0"]),
		);
		expect(types.at(-2)?.elements).toEqual([0, 0, 1, undefined, 0, 0]);
		expect(types.at(-1)?.shape).toEqual([2, -1, 3]);
	});

	test("of Range, Fill, BroadcastArgs, Size and Rank", () => {
		const types = chain(
			[4, 1],
			SHAPE,
			constant("start", int(1)),
			constant("limit", int(8)),
			constant("delta", int(3)),
			constant("other", ints(2, 1, 5)),
			constant("two", ints(2)),
			step("range", "Range", ["start:0", "limit:0", "delta:0"]),
			step("filled", "Fill", ["two:0", "limit:0"]),
			step("together", "BroadcastArgs", ["shape:0", "other:0"]),
			step("count", "Size", ["input:x"]),
			step("rank", "Rank", ["input:x"]),
		).map(({ elements }) => elements);
		expect(types.slice(6)).toEqual([[1, 4, 7], [8, 8], [2, 4, 5], [4], [2]]);
	});
});

test("Reshape finds the size that is left open, and says what does not fit", () => {
	const reshape = (given: ValueType, ...wanted: number[]) =>
		shapeOf("Reshape", [given, ints(...wanted)]);
	expect(reshape(float(2, 3, 4), -1, 6)).toEqual([4, 6]);
	expect(reshape(float(-1, 3, 4), -1, 12)).toEqual([-1, 12]);
	expect(reshape(anything, 2, -1)).toEqual([2, -1]);
	// reshape_op.h: sizes of 0 on both sides do not count
	expect(reshape(float(0, 3, 4), 0, -1)).toEqual([0, 12]);
	expect(shapeOf("Reshape", [float(2, 3), unknown(2)])).toEqual([-1, -1]);
	expect(shapeOf("Reshape", [float(2, 3), unknown(-1)])).toBeUndefined();
	expect(() => reshape(float(2, 3), 4, -1)).toThrow(
		"cannot reshape [2,3] to [4,?]: 6 elements do not fit",
	);
	expect(() => reshape(float(2, 3), 5)).toThrow("6 elements do not fit");
});

test("Squeeze drops what is 1, or what it is told, and needs to know", () => {
	const squeeze = (given: ValueType, ...squeeze_dims: number[]) =>
		shapeOf("Squeeze", [given], { squeeze_dims });
	expect(squeeze(float(1, 3, 1))).toEqual([3]);
	expect(squeeze(float(-1, 3, 1), -1)).toEqual([-1, 3]);
	expect(squeeze(float(-1, 3, 1))).toBeUndefined();
	expect(() => squeeze(float(1, 3), 1)).toThrow(
		"cannot squeeze axis 1 of [1,3]: its size is 3, not 1",
	);
});

test("ExpandDims counts its axis in the result", () => {
	const expand = (axis: number) =>
		shapeOf("ExpandDims", [float(2, 3), int(axis)]);
	expect([0, 1, -1].map(expand)).toEqual([
		[1, 2, 3],
		[2, 1, 3],
		[2, 3, 1],
	]);
	expect(shapeOf("ExpandDims", [float(2, 3), unknown()])).toEqual([-1, -1, -1]);
	expect(() => expand(3)).toThrow("cannot use axis 3");
});

test("Transpose takes negative axes, and knows the rank from either input", () => {
	expect(shapeOf("Transpose", [float(2, 3, 4), ints(-1, 0, 1)])).toEqual([
		4, 2, 3,
	]);
	expect(shapeOf("Transpose", [float(2, 3), unknown(2)])).toEqual([-1, -1]);
	expect(shapeOf("Transpose", [anything, unknown(3)])).toEqual([-1, -1, -1]);
});

test("ConcatV2 takes sizes from the inputs that know them", () => {
	const concat = (...inputs: Parameters<typeof inferOne>[1]) =>
		shapeOf("ConcatV2", inputs);
	expect(concat(float(-1, 3, 2), float(2, 3, -1), int(2))).toEqual([2, 3, -1]);
	expect(concat(float(-1, 3), anything, int(1))).toEqual([-1, -1]);
	expect(concat(float(2, 3), float(2, 4), int(-1))).toEqual([2, 7]);
	expect(concat(float(2, 3), float(2, 4), unknown())).toEqual([-1, -1]);
	expect(() => concat(float(2, 3), float(3, 3), int(1))).toThrow(
		"cannot merge shapes",
	);
});

test("SplitV gives one part what is left, and Split equal parts", () => {
	const parts = (total: number, ...sizes: number[]) => {
		const { length } = sizes;
		const entry = chain(
			[total, 2],
			constant("sizes", ints(...sizes)),
			constant("axis", int(0)),
			step("parts", "SplitV", ["input:x", "sizes:0", "axis:0"], {
				num_split: length,
			}),
		);
		return entry[2].shape;
	};
	expect(parts(9, -1, 3, 2)).toEqual([4, 2]);
	expect(parts(-1, -1, 3, 2)).toEqual([-1, 2]);
	expect(() => parts(9, 1, 3, 2)).toThrow(
		"cannot split an axis of size 9 into parts of 1, 3, 2",
	);
	expect(shapeOf("Split", [int(1), float(2, 6)])).toEqual([2, 6]);
});

test("Unpack refuses another number of parts than there are", () => {
	expect(shapeOf("Unpack", [float(1, 3)], { axis: 0, num: 1 })).toEqual([3]);
	expect(() => inferOne("Unpack", [float(2, 3)], { axis: 0, num: 1 })).toThrow(
		"cannot unpack an axis of size 2 into 1 parts",
	);
});

// tf.strided_slice's own rules: begin:end:stride per axis, with its masks
test.each([
	["x[1:3]", [1], [3], [1], {}, [2, 6, 7]],
	["x[-2:]", [-2], [0], [1], { end_mask: 1 }, [2, 6, 7]],
	["x[::-2]", [0], [0], [-2], { begin_mask: 1, end_mask: 1 }, [3, 6, 7]],
	["x[4:1:-1]", [4], [1], [-1], {}, [3, 6, 7]],
	["x[9:]", [9], [0], [1], { end_mask: 1 }, [0, 6, 7]],
	["x[2]", [2], [3], [1], { shrink_axis_mask: 1 }, [6, 7]],
	["x[-1]", [-1], [0], [1], { shrink_axis_mask: 1 }, [6, 7]],
	[
		"x[..., 0]",
		[0, 0],
		[0, 1],
		[1, 1],
		{ ellipsis_mask: 1, shrink_axis_mask: 2 },
		[5, 6],
	],
	[
		"x[..., 1:]",
		[0, 1],
		[0, 0],
		[1, 1],
		{ ellipsis_mask: 1, end_mask: 2 },
		[5, 6, 6],
	],
	["x[None]", [0], [0], [1], { new_axis_mask: 1 }, [1, 5, 6, 7]],
	[
		"x[..., None]",
		[0, 0],
		[0, 0],
		[1, 1],
		{ ellipsis_mask: 1, new_axis_mask: 2 },
		[5, 6, 7, 1],
	],
	[
		"x[0, None, :2]",
		[0, 0, 0],
		[1, 0, 2],
		[1, 1, 1],
		{ shrink_axis_mask: 1, new_axis_mask: 2 },
		[1, 2, 7],
	],
] as const)(
	"StridedSlice %s of [5, 6, 7]",
	(_, begin, end, strides, masks, shape) => {
		expect(
			shapeOf(
				"StridedSlice",
				[float(5, 6, 7), ints(...begin), ints(...end), ints(...strides)],
				{ ...NO_MASKS, ...masks },
			),
		).toEqual(shape);
	},
);

test("StridedSlice keeps an unknown size that it takes whole, and no other", () => {
	const slice = (begin: number, attrs: Attrs) =>
		shapeOf("StridedSlice", [float(-1, 3), ints(begin), ints(9), ints(1)], {
			...NO_MASKS,
			...attrs,
		});
	expect(slice(0, { begin_mask: 1, end_mask: 1 })).toEqual([-1, 3]);
	expect(slice(1, { end_mask: 1 })).toEqual([-1, 3]);
	expect(
		shapeOf("StridedSlice", [float(4, 3), unknown(1), unknown(1), ints(1)], {
			...NO_MASKS,
			shrink_axis_mask: 1,
		}),
	).toEqual([3]);
	expect(() =>
		inferOne(
			"StridedSlice",
			[float(4), ints(0, 0), ints(1, 1), ints(1, 1)],
			NO_MASKS,
		),
	).toThrow("cannot slice a tensor of 1 dimensions by 2 indices");
});

test("Slice takes -1 for the rest", () => {
	const slice = (given: ValueType) =>
		shapeOf("Slice", [given, ints(1, 0), ints(-1, 2)]);
	expect(slice(float(5, 4))).toEqual([4, 2]);
	expect(slice(float(-1, 4))).toEqual([-1, 2]);
	expect(slice(anything)).toEqual([-1, 2]);
});

test("GatherV2 puts the shape of the indices where the axis was, behind the batch", () => {
	const gather = (axis: number, batch_dims: number, ...indices: number[]) =>
		shapeOf("GatherV2", [float(2, 3, 4, 5), unknown(...indices), int(axis)], {
			batch_dims,
		});
	expect(gather(1, 0, 6, 7)).toEqual([2, 6, 7, 4, 5]);
	expect(gather(-1, 0)).toEqual([2, 3, 4]);
	expect(gather(2, 1, 2, 6)).toEqual([2, 3, 6, 5]);
	expect(gather(2, -1, 2, 6)).toEqual([2, 3, 6, 5]);
	expect(
		shapeOf("GatherV2", [float(2, 3), unknown(4), unknown()], {
			batch_dims: 0,
		}),
	).toEqual([-1, -1]);
});

test("GatherNd takes as many axes as an index has coordinates", () => {
	expect(shapeOf("GatherNd", [float(2, 3, 4), unknown(5, 2)])).toEqual([5, 4]);
	expect(shapeOf("GatherNd", [float(2, 3), unknown(5, 0)])).toEqual([5, 2, 3]);
	expect(shapeOf("GatherNd", [float(2, 3), unknown(5, -1)])).toBeUndefined();
});

test("OneHot puts the new axis last, or where it is told", () => {
	const [on, off] = [float(), float()];
	const hot = (axis: number) =>
		shapeOf("OneHot", [unknown(2, 3), int(7), on, off], { axis });
	expect([-1, 0, 1].map(hot)).toEqual([
		[2, 3, 7],
		[7, 2, 3],
		[2, 7, 3],
	]);
});

// 0.3f / 0.1f is 3 in single precision and more than 3 in double; sequence_ops.cc counts in the type itself
test("Range counts the steps of floats in their own precision", () => {
	const range = (...values: number[]) =>
		shapeOf(
			"Range",
			values.map((value) => tensorFromNumbers("float32", [], [value])),
			{ Tidx: "float32" },
		);
	expect(range(0, 0.3, 0.1)).toEqual([3]);
	expect(range(0, 1, 0.3)).toEqual([4]);
	expect(range(3, 0, -1)).toEqual([3]);
});

test("Tile and BroadcastTo know what they can", () => {
	expect(shapeOf("Tile", [float(-1, 3), ints(2, 2)])).toEqual([-1, 6]);
	expect(shapeOf("Tile", [float(-1, 3), ints(0, 1)])).toEqual([0, 3]);
	expect(shapeOf("Tile", [anything, unknown(2)])).toEqual([-1, -1]);
	expect(shapeOf("BroadcastTo", [float(3, 1), ints(2, 3, 4)])).toEqual([
		2, 3, 4,
	]);
	// a size above 1 cannot be stretched
	expect(shapeOf("BroadcastTo", [float(3, 1), unknown(3)])).toEqual([
		-1, 3, -1,
	]);
});

test("SpaceToBatchND and its way back move whole blocks", () => {
	const paddings = matrix(2, 0, 1, 2, 0);
	expect(
		shapeOf("SpaceToBatchND", [float(-1, 5, 4, 3), ints(2, 3), paddings]),
	).toEqual([-1, 3, 2, 3]);
	expect(
		shapeOf("BatchToSpaceND", [float(12, 3, 2, 3), ints(2, 3), paddings]),
	).toEqual([2, 5, 4, 3]);
	expect(() =>
		inferOne("SpaceToBatchND", [float(1, 4, 4, 3), ints(2, 3), paddings]),
	).toThrow("cannot cut [1,4,4,3] into blocks by SpaceToBatchND");
});

test("SpaceToDepth and DepthToSpace count channels where the format has them", () => {
	const attrs = { block_size: 2 };
	const deep = (data_format: string, ...shape: number[]) =>
		shapeOf("SpaceToDepth", [float(...shape)], { ...attrs, data_format });
	expect(deep("NHWC", 1, 4, 6, 3)).toEqual([1, 2, 3, 12]);
	expect(deep("NCHW", 1, 3, 4, 6)).toEqual([1, 12, 2, 3]);
	expect(
		shapeOf("DepthToSpace", [float(-1, 2, -1, 8)], {
			...attrs,
			data_format: "NHWC",
		}),
	).toEqual([-1, 4, -1, 2]);
	expect(() => deep("NHWC", 1, 3, 4, 3)).toThrow(
		"not multiples of the block's",
	);
});

test("MirrorPad and Pad widen what they know", () => {
	const paddings = matrix(2, 1, 2, 0, 3);
	expect(shapeOf("Pad", [float(2, -1), paddings])).toEqual([5, -1]);
	expect(
		shapeOf("MirrorPad", [float(4, 5), paddings], { mode: "REFLECT" }),
	).toEqual([7, 8]);
	expect(shapeOf("Pad", [anything, unknown(3, 2)])).toEqual([-1, -1, -1]);
});
