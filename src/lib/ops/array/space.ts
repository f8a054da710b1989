import { intAttr, stringAttr } from "../../graph/attrs.js";
import type { InferContext, InferRule, OpEntry } from "../define.js";
import { primitive } from "../define.js";
import { knownElements } from "../shapes.js";

/** Blocks of pictures moved between space, batch and channels. */
export const spaceOps = {
	SpaceToBatchND: primitive((context) => [
		phased(
			context,
			(size, block, [before, after]) => (size + before + after) / block,
			(batch, product) => batch * product,
		),
	]),
	BatchToSpaceND: primitive((context) => [
		phased(
			context,
			(size, block, [before, after]) => size * block - before - after,
			(batch, product) => batch / product,
		),
	]),
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

/** Inputs: data, block shape [M], paddings or crops [M,2]. */
function phased(
	context: InferContext,
	spatial: (size: number, block: number, edge: readonly number[]) => number,
	batch: (size: number, product: number) => number,
) {
	const { dtype, shape } = context.inputs[0];
	const block = knownElements(context, 1);
	const edges = context.constant(2);
	if (shape === undefined) return { dtype, shape };
	const count = context.inputs[1].shape?.[0] ?? -1;
	if (block === undefined)
		return {
			dtype,
			shape: shape.map((size, axis) =>
				count >= 0 && axis > count ? size : -1,
			),
		};
	const sizes =
		edges === undefined
			? undefined
			: Array.from(edges.data as ArrayLike<number | bigint>, Number);
	const product = block.reduce((a, b) => a * b, 1);
	const result = shape.map((size, axis) => {
		if (axis > block.length) return size;
		if (size < 0) return -1;
		if (axis === 0) return batch(size, product);
		return sizes === undefined
			? -1
			: spatial(size, block[axis - 1], sizes.slice(2 * axis - 2, 2 * axis));
	});
	return { dtype, shape: result };
}

function blocks(
	spatial: (size: number, block: number) => number,
	depth: (size: number, block: number) => number,
): InferRule {
	return ({ node, inputs: [{ dtype, shape }] }) => {
		const block = intAttr(node, "block_size");
		const channelAxis = stringAttr(node, "data_format") === "NCHW" ? 1 : 3;
		const sized = (size: number, axis: number) => {
			if (size < 0 || axis === 0) return size;
			return axis === channelAxis ? depth(size, block) : spatial(size, block);
		};
		return [{ dtype, shape: shape?.map(sized) }];
	};
}
