import { fail } from "../../../../errors.js";
import { intAttr, stringAttr } from "../../../../graph/attrs.js";
import type { spaceOps } from "../../../../ops/array/space.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { constantNumbers } from "./arrangement.js";
import { knownRank } from "./shape.js";

/** Pads, cuts each spatial axis into (outer, block), and moves the blocks into the batch (array_ops.cc, SpaceToBatchND). */
const spaceToBatch: Lowering = (context) => {
	const { emit, ints, cast } = context;
	const block = constantNumbers(context, 1);
	const rank = knownRank(context);
	const rest = rank - 1 - block.length;
	const paddings = emit("Reshape", [
		emit("Transpose", [cast(context.input(2), "int64")], { perm: [1, 0] }),
		ints([-1]),
	]);
	const [before, after] = context.emitMany(
		"Split",
		[paddings],
		["int64", "int64"],
		{ axis: 0, num_outputs: 2 },
	);
	const none = ints(new Array<number>(rest).fill(0));
	const amounts = [
		ints([0]),
		before,
		...(rest > 0 ? [none] : []),
		ints([0]),
		after,
		...(rest > 0 ? [none] : []),
	];
	const padded = emit("Pad", [
		context.input(0),
		emit("Concat", amounts, { axis: 0 }),
	]);
	const sizes = sizesOf(context, padded);
	const cut = reshaped(context, padded, [
		sizes(0),
		...block.flatMap((size, i) => [divided(context, sizes(i + 1), size), size]),
		...trailing(sizes, block.length + 1, rest),
	]);
	const spatial = block.map((_, i) => i);
	const perm = [
		...spatial.map((i) => 2 * i + 2),
		0,
		...spatial.map((i) => 2 * i + 1),
		...Array.from({ length: rest }, (_, i) => 2 * block.length + 1 + i),
	];
	const moved = emit("Transpose", [cut], { perm });
	const product = block.reduce((a, b) => a * b, 1);
	return reshaped(context, moved, [
		multiplied(context, sizes(0), product),
		...spatial.map((i) => divided(context, sizes(i + 1), block[i])),
		...trailing(sizes, block.length + 1, rest),
	]);
};

/** The way back: blocks out of the batch, then crops. */
const batchToSpace: Lowering = (context) => {
	const { emit, ints, cast } = context;
	const block = constantNumbers(context, 1);
	const rest = knownRank(context) - 1 - block.length;
	const count = block.length;
	const sizes = sizesOf(context, context.input(0));
	const product = block.reduce((a, b) => a * b, 1);
	const spatial = block.map((_, i) => i);
	const cut = reshaped(context, context.input(0), [
		...block,
		divided(context, sizes(0), product),
		...spatial.map((i) => sizes(i + 1)),
		...trailing(sizes, count + 1, rest),
	]);
	const perm = [
		count,
		...spatial.flatMap((i) => [count + 1 + i, i]),
		...Array.from({ length: rest }, (_, i) => 2 * count + 1 + i),
	];
	const moved = emit("Transpose", [cut], { perm });
	const joined = reshaped(context, moved, [
		divided(context, sizes(0), product),
		...spatial.map((i) => multiplied(context, sizes(i + 1), block[i])),
		...trailing(sizes, count + 1, rest),
	]);
	const crops = emit("Transpose", [cast(context.input(2), "int64")], {
		perm: [1, 0],
	});
	const [before, after] = context.emitMany(
		"Split",
		[emit("Reshape", [crops, ints([-1])])],
		["int64", "int64"],
		{ axis: 0, num_outputs: 2 },
	);
	const ends = emit("Sub", [
		emit("Slice", [
			emit("Shape", [joined], {}, { dtype: "int64" }),
			ints([1]),
			ints([count + 1]),
			ints([0]),
		]),
		after,
	]);
	return emit("Slice", [joined, before, ends, ints(spatial.map((i) => i + 1))]);
};

type Sizes = (axis: number) => OnnxValue;

/** The sizes of a value at run time, each as a vector of one. */
function sizesOf({ emit, ints }: LowerContext, value: OnnxValue): Sizes {
	const shape = emit("Shape", [value], {}, { dtype: "int64" });
	return (axis) =>
		emit("Slice", [shape, ints([axis]), ints([axis + 1]), ints([0])]);
}

function trailing(sizes: Sizes, from: number, count: number): OnnxValue[] {
	return Array.from({ length: count }, (_, i) => sizes(from + i));
}

function divided(
	{ emit, ints }: LowerContext,
	size: OnnxValue,
	by: number,
): OnnxValue {
	return emit("Div", [size, ints([by])]);
}

function multiplied(
	{ emit, ints }: LowerContext,
	size: OnnxValue,
	by: number,
): OnnxValue {
	return emit("Mul", [size, ints([by])]);
}

function reshaped(
	{ emit, ints }: LowerContext,
	value: OnnxValue,
	sizes: readonly (OnnxValue | number)[],
): OnnxValue {
	const shape = emit(
		"Concat",
		sizes.map((size) => (typeof size === "number" ? ints([size]) : size)),
		{ axis: 0 },
	);
	return emit("Reshape", [value, shape], { allowzero: 1 });
}

/** Channels lead in ONNX; within a pixel TensorFlow's order is (row, column, depth), ONNX's mode DCR. */
function depthSpace(
	op: string,
	lower: (context: LowerContext, x: OnnxValue, block: number) => OnnxValue,
): Lowering {
	return (context) => {
		const format = stringAttr(context.node, "data_format");
		const block = intAttr(context.node, "block_size");
		if (format === "NCHW") return lower(context, context.input(0), block);
		if (format !== "NHWC")
			throw fail(
				"UNSUPPORTED",
				`cannot lower ${op} of data format ${format}: wanted NHWC or NCHW`,
			);
		return {
			...lower(context, context.channelsFirst(0), block),
			channelsFirst: true,
		};
	};
}

export const spaceLowerings: LoweringTable<typeof spaceOps> = {
	SpaceToBatchND: spaceToBatch,
	BatchToSpaceND: batchToSpace,
	SpaceToDepth: depthSpace("SpaceToDepth", ({ emit }, x, block) =>
		emit("SpaceToDepth", [x], { blocksize: block }),
	),
	DepthToSpace: depthSpace("DepthToSpace", ({ emit }, x, block) =>
		emit("DepthToSpace", [x], { blocksize: block, mode: "DCR" }),
	),
};
