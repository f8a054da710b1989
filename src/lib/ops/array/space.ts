import { fail } from "../../errors.js";
import { intAttr, stringAttr } from "../../graph/attrs.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { showShape } from "../../tensor/tensor.js";
import {
	composite,
	type InferContext,
	type InferRule,
	type OpEntry,
	primitive,
	type ValueType,
} from "../define.js";
import { elementsOf, knownElements } from "../shapes.js";

/** Blocks of pictures moved between space, batch and channels. */
export const spaceOps = {
	SpaceToBatchND: primitive((context) => [
		phased(
			context,
			(size, block, before, after) => (size + before + after) / block,
			(batch, product) => batch * product,
		),
	]),
	BatchToSpaceND: primitive((context) => [
		phased(
			context,
			(size, block, before, after) => size * block - before - after,
			(batch, product) => batch / product,
		),
	]),
	SpaceToBatch: twoDimensional("SpaceToBatchND", "Tpaddings"),
	BatchToSpace: twoDimensional("BatchToSpaceND", "Tcrops"),
	SpaceToDepth: primitive(
		blocks(
			(size, block) => size / block,
			(depth, block) => depth * block * block,
		),
	),
	DepthToSpace: primitive(
		blocks(
			(size, block) => size * block,
			(depth, block) => depth / (block * block),
		),
	),
} as const satisfies Record<string, OpEntry>;

/** The older op for the two axes of a picture, with one block size for both. */
function twoDimensional(op: string, edgeType: string) {
	return composite(({ node, inputs: [x, edges], types, add, constantOf }) => {
		const size = intAttr(node, "block_size");
		const block = constantOf(tensorFromNumbers("int32", [2], [size, size]));
		return [
			add(op, [x, block, edges], {
				T: types[0].dtype,
				Tblock_shape: "int32",
				[edgeType]: types[1].dtype,
			}),
		];
	});
}

/** Inputs: data, block shape [M], paddings or crops [M,2]. */
function phased(
	context: InferContext,
	spatial: (
		size: number,
		block: number,
		before: number,
		after: number,
	) => number,
	batch: (size: number, product: number) => number,
): ValueType {
	const { dtype, shape } = context.inputs[0];
	const count = context.inputs[1].shape?.[0] ?? -1;
	if (shape === undefined) return { dtype, shape };
	const block = knownElements(context, 1);
	const edges = elementsOf(context, 2);
	const sized = (size: number, axis: number) => {
		if (count >= 0 && axis > count) return size;
		if (size < 0 || block === undefined) return -1;
		if (axis === 0)
			return batch(
				size,
				block.reduce((a, b) => a * b, 1),
			);
		const [before, after] = [edges?.[2 * axis - 2], edges?.[2 * axis - 1]];
		return before === undefined || after === undefined
			? -1
			: spatial(size, block[axis - 1], before, after);
	};
	return { dtype, shape: whole(context, shape.map(sized)) };
}

function blocks(
	spatial: (size: number, block: number) => number,
	depth: (size: number, block: number) => number,
): InferRule {
	return (context) => {
		const { dtype, shape } = context.inputs[0];
		const block = intAttr(context.node, "block_size");
		const format = stringAttr(context.node, "data_format");
		const sized = (size: number, axis: number) => {
			if (size < 0 || axis === 0) return size;
			return axis === (format === "NCHW" ? 1 : 3)
				? depth(size, block)
				: spatial(size, block);
		};
		if (!["NHWC", "NCHW"].includes(format))
			return [{ dtype, shape: undefined }];
		const sizes = shape ?? [-1, -1, -1, -1];
		return [{ dtype, shape: whole(context, sizes.map(sized)) }];
	};
}

function whole(
	{ node, inputs }: InferContext,
	shape: readonly number[],
): readonly number[] {
	if (shape.every(Number.isInteger)) return shape;
	throw fail(
		"INVALID",
		`cannot cut ${showShape(inputs[0].shape)} into blocks by ${node.op}: its sizes are not multiples of the block's`,
	);
}
