import { fail } from "../../../../errors.js";
import { intAttr, stringAttr } from "../../../../graph/attrs.js";
import type { spaceOps } from "../../../../ops/array/space.js";
import type {
	LowerContext,
	Lowering,
	LoweringTable,
	OnnxValue,
} from "../../lowering.js";
import { integerVector, knownIntegers, knownRank } from "./integers.js";
import {
	addSizes,
	divideSizes,
	inputSizes,
	joinedSizes,
	multiplySizes,
	reshapedTo,
	type Size,
	subtractSizes,
} from "./sizes.js";

/** Pads, cuts each spatial axis into (outer, block), and moves the blocks into the batch (spacetobatch_op.cc). */
const spaceToBatch: Lowering = (context) => {
	const { rank, blocks, edges, product } = blocksOf(context);
	const sizes = inputSizes(context, 0);
	const count = blocks.length;
	const spatial = blocks.map((_, i) => i);
	const rest = axesFrom(count + 1, rank);
	const padded = isZero(edges)
		? context.input(0)
		: context.emit("Pad", [
				context.input(0),
				joinedSizes(context, [
					0,
					...edges.map(([before]) => before),
					...rest.map(() => 0),
					0,
					...edges.map(([, after]) => after),
					...rest.map(() => 0),
				]),
			]);
	const outer = spatial.map((i) => {
		const [before, after] = edges[i];
		const whole = addSizes(
			context,
			sizes(i + 1),
			addSizes(context, before, after),
		);
		return divideSizes(context, whole, blocks[i]);
	});
	const cut = reshapedTo(context, padded, [
		sizes(0),
		...spatial.flatMap((i) => [outer[i], blocks[i]]),
		...rest.map(sizes),
	]);
	const moved = context.emit("Transpose", [cut], {
		perm: [
			...spatial.map((i) => 2 * i + 2),
			0,
			...spatial.map((i) => 2 * i + 1),
			...rest.map((axis) => axis + count),
		],
	});
	return reshapedTo(context, moved, [
		multiplySizes(context, sizes(0), product),
		...outer,
		...rest.map(sizes),
	]);
};

/** The way back: blocks out of the batch, then crops. */
const batchToSpace: Lowering = (context) => {
	const { rank, blocks, edges, product } = blocksOf(context);
	const sizes = inputSizes(context, 0);
	const count = blocks.length;
	const spatial = blocks.map((_, i) => i);
	const rest = axesFrom(count + 1, rank);
	const batch = divideSizes(context, sizes(0), product);
	const cut = reshapedTo(context, context.input(0), [
		...blocks,
		batch,
		...spatial.map((i) => sizes(i + 1)),
		...rest.map(sizes),
	]);
	const moved = context.emit("Transpose", [cut], {
		perm: [
			count,
			...spatial.flatMap((i) => [count + 1 + i, i]),
			...rest.map((axis) => axis + count),
		],
	});
	const whole = spatial.map((i) =>
		multiplySizes(context, sizes(i + 1), blocks[i]),
	);
	const joined = reshapedTo(context, moved, [
		batch,
		...whole,
		...rest.map(sizes),
	]);
	if (isZero(edges)) return joined;
	return context.emit("Slice", [
		joined,
		joinedSizes(
			context,
			edges.map(([before]) => before),
		),
		joinedSizes(
			context,
			spatial.map((i) => subtractSizes(context, whole[i], edges[i][1])),
		),
		context.ints(spatial.map((i) => i + 1)),
	]);
};

interface Blocks {
	readonly rank: number;
	readonly blocks: readonly Size[];
	/** Paddings or crops: before and behind each spatial axis. */
	readonly edges: readonly (readonly [before: Size, after: Size])[];
	readonly product: Size;
}

/** Inputs 1 and 2, known or picked out at run time. */
function blocksOf(context: LowerContext): Blocks {
	const { emit, inputs, ints, node } = context;
	const count = inputs[1].shape?.[0] ?? inputs[2].shape?.[0] ?? -1;
	if (count < 0)
		throw fail(
			"UNSUPPORTED",
			`cannot lower ${node.op}: the number of its axes is not known`,
		);
	const element = (index: number, at: number): Size => {
		const known = knownIntegers(context, index)?.[at];
		return known ?? emit("Gather", [integerVector(context, index), ints([at])]);
	};
	const axes = Array.from({ length: count }, (_, i) => i);
	const blocks = axes.map((i) => element(1, i));
	return {
		rank: knownRank(context),
		blocks,
		edges: axes.map((i) => [element(2, 2 * i), element(2, 2 * i + 1)]),
		product: blocks.reduce((a, b) => multiplySizes(context, a, b), 1 as Size),
	};
}

function isZero(edges: Blocks["edges"]): boolean {
	return edges.flat().every((size) => size === 0);
}

function axesFrom(first: number, rank: number): number[] {
	return Array.from({ length: rank - first }, (_, i) => first + i);
}

/** Channels lead in ONNX; within a pixel TensorFlow's order is (row, column, depth), ONNX's mode DCR. */
function depthSpace(
	lower: (context: LowerContext, x: OnnxValue, block: number) => OnnxValue,
): Lowering {
	return (context) => {
		const { node } = context;
		const format = stringAttr(node, "data_format");
		const block = intAttr(node, "block_size");
		if (format === "NCHW") return lower(context, context.input(0), block);
		if (format !== "NHWC")
			throw fail(
				"UNSUPPORTED",
				`cannot lower ${node.op} of data format ${format}: wanted NHWC or NCHW`,
			);
		return {
			...lower(context, context.channelsFirst(0, 4), block),
			channelsFirst: true,
		};
	};
}

export const spaceLowerings: LoweringTable<typeof spaceOps> = {
	SpaceToBatchND: spaceToBatch,
	BatchToSpaceND: batchToSpace,
	SpaceToDepth: depthSpace(({ emit }, x, block) =>
		emit("SpaceToDepth", [x], { blocksize: block }),
	),
	DepthToSpace: depthSpace(({ emit }, x, block) =>
		emit("DepthToSpace", [x], { blocksize: block, mode: "DCR" }),
	),
};
