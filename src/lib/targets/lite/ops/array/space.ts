import { intAttr } from "../../../../graph/attrs.js";
import type { LiteOp } from "../../../../lite/schema.js";
import type { spaceOps } from "../../../../ops/array/space.js";
import { type LiteLowering, type LiteTable, unfit } from "../../lowering.js";
import { inNodeOrder, picture } from "../channels.js";
import { int32Input, rankOf } from "../numbers.js";

/** Blocks of a picture with 2 or 1 spatial axes and one more. */
const blocks =
	(op: LiteOp): LiteLowering =>
	(context) => {
		const { input, emit, outputs, inputs } = context;
		const rank = rankOf(context, 0);
		if ((rank !== 3 && rank !== 4) || inputs[1].shape?.[0] !== rank - 2)
			throw unfit("TensorFlow Lite moves blocks of pictures only");
		return emit(
			op,
			[input(0), int32Input(context, 1), context.cast(input(2), "int32")],
			outputs[0],
		);
	};

const depth =
	(op: "SPACE_TO_DEPTH" | "DEPTH_TO_SPACE"): LiteLowering =>
	(context) => {
		const { node, emit } = context;
		const blockSize = intAttr(node, "block_size");
		const value = picture(context, 0);
		const [batch, height, width, channels] = value.shape ?? [-1, -1, -1, -1];
		const factor = op === "SPACE_TO_DEPTH" ? 1 / blockSize : blockSize;
		const by = (size: number, times: number) => (size < 0 ? -1 : size * times);
		const shape = [
			batch,
			by(height, factor),
			by(width, factor),
			by(channels, 1 / factor ** 2),
		];
		return inNodeOrder(
			context,
			emit(
				op,
				[value],
				{ dtype: value.dtype, shape },
				op === "SPACE_TO_DEPTH"
					? ["SpaceToDepthOptions", { blockSize }]
					: ["DepthToSpaceOptions", { blockSize }],
			),
		);
	};

export const spaceRows: LiteTable<typeof spaceOps> = {
	SpaceToBatchND: blocks("SPACE_TO_BATCH_ND"),
	BatchToSpaceND: blocks("BATCH_TO_SPACE_ND"),
	SpaceToDepth: depth("SPACE_TO_DEPTH"),
	DepthToSpace: depth("DEPTH_TO_SPACE"),
};
