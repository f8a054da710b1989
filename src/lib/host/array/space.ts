import { fail } from "../../errors.js";
import { intAttr, stringAttr } from "../../graph/attrs.js";
import type { spaceOps } from "../../ops/array/space.js";
import { sliceAxes } from "../../tensor/axis.js";
import { elementCount, showShape, type Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";
import type { HostKernel, HostTable } from "../kernel.js";
import { integers } from "./integers.js";
import { padded } from "./padding.js";

/** Pads, cuts each spatial axis into (outer, block), and moves the blocks into the batch (spacetobatch_op.cc). */
const spaceToBatch: HostKernel = (_, [x, block, paddings]) => {
	const blocks = integers(block);
	const edges = integers(paddings);
	const rank = x.shape.length;
	const whole = padded(x, [
		0,
		0,
		...edges,
		...new Array<number>(2 * (rank - 1 - blocks.length)).fill(0),
	]);
	const [batch, ...sizes] = whole.shape;
	const rest = sizes.slice(blocks.length);
	const outer = blocks.map((size, i) => sizes[i] / size);
	const cut = reshaped(whole, [
		batch,
		...blocks.flatMap((size, i) => [outer[i], size]),
		...rest,
	]);
	const axes = blocks.map((_, i) => i);
	const moved = transpose(cut, [
		...axes.map((i) => 2 * i + 2),
		0,
		...axes.map((i) => 2 * i + 1),
		...rest.map((_, i) => 2 * blocks.length + 1 + i),
	]);
	return [reshaped(moved, [batch * elementCount(blocks), ...outer, ...rest])];
};

const batchToSpace: HostKernel = (_, [x, block, crops]) => {
	const blocks = integers(block);
	const edges = integers(crops);
	const [all, ...sizes] = x.shape;
	const rest = sizes.slice(blocks.length);
	const batch = all / elementCount(blocks);
	const cut = reshaped(x, [...blocks, batch, ...sizes]);
	const count = blocks.length;
	const moved = transpose(cut, [
		count,
		...blocks.flatMap((_, i) => [count + 1 + i, i]),
		...rest.map((_, i) => 2 * count + 1 + i),
	]);
	const spatial = blocks.map((size, i) => sizes[i] * size);
	const whole = reshaped(moved, [batch, ...spatial, ...rest]);
	return [
		sliceAxes(
			whole,
			whole.shape.map((size, axis) => {
				const [before, after] =
					axis >= 1 && axis <= count
						? edges.slice(2 * axis - 2, 2 * axis)
						: [0, 0];
				return { start: before, count: size - before - after, step: 1 };
			}),
		),
	];
};

/** Blocks of pixels and of channels are axes of their own in between; NCHW is turned there and back. */
function blocksMoved(move: (x: Tensor, block: number) => Tensor): HostKernel {
	return (node, [x]) => {
		const format = stringAttr(node, "data_format");
		const block = intAttr(node, "block_size");
		if (format === "NHWC") return [move(x, block)];
		if (format !== "NCHW") return undefined;
		const moved = move(transpose(x, [0, 2, 3, 1]), block);
		return [transpose(moved, [0, 3, 1, 2])];
	};
}

function spaceToDepth(x: Tensor, block: number): Tensor {
	const [batch, height, width, depth] = x.shape;
	const [rows, columns] = [height / block, width / block];
	const cut = reshaped(x, [batch, rows, block, columns, block, depth]);
	const moved = transpose(cut, [0, 1, 3, 2, 4, 5]);
	return reshaped(moved, [batch, rows, columns, block * block * depth]);
}

function depthToSpace(x: Tensor, block: number): Tensor {
	const [batch, height, width, depth] = x.shape;
	const channels = depth / (block * block);
	const cut = reshaped(x, [batch, height, width, block, block, channels]);
	const moved = transpose(cut, [0, 1, 3, 2, 4, 5]);
	return reshaped(moved, [batch, height * block, width * block, channels]);
}

/** Fails with INVALID where sizes are no multiples of the block's. */
function reshaped(x: Tensor, shape: readonly number[]): Tensor {
	if (!shape.every(Number.isInteger))
		throw fail(
			"INVALID",
			`cannot cut ${showShape(x.shape)} into blocks: its sizes are not multiples of the block's`,
		);
	return { ...x, shape };
}

export const spaceKernels: HostTable<typeof spaceOps> = {
	SpaceToBatchND: spaceToBatch,
	BatchToSpaceND: batchToSpace,
	SpaceToDepth: blocksMoved(spaceToDepth),
	DepthToSpace: blocksMoved(depthToSpace),
};
