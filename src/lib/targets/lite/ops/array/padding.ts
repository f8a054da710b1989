import { MirrorPadMode } from "../../../../../gen/tflite.js";
import { stringAttr } from "../../../../graph/attrs.js";
import type { paddingOps } from "../../../../ops/array/padding.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unfit,
} from "../../lowering.js";
import { rankOf } from "../numbers.js";

/** Kernels pad so many axes. */
const PADDED_AXES = 5;

function paddings(context: LiteContext): LiteValue {
	if (rankOf(context, 0) > PADDED_AXES)
		throw unfit(`TensorFlow Lite pads ${PADDED_AXES} axes at most`);
	return context.cast(context.input(1), "int32");
}

const pad: LiteLowering = (context) =>
	context.emit(
		"PAD",
		[context.input(0), paddings(context)],
		context.outputs[0],
	);

const padWith: LiteLowering = (context) =>
	context.emit(
		"PADV2",
		[context.input(0), paddings(context), context.input(2)],
		context.outputs[0],
	);

const mirror: LiteLowering = (context) =>
	context.emit(
		"MIRROR_PAD",
		[context.input(0), paddings(context)],
		context.outputs[0],
		[
			"MirrorPadOptions",
			{
				mode:
					stringAttr(context.node, "mode") === "REFLECT"
						? MirrorPadMode.REFLECT
						: MirrorPadMode.SYMMETRIC,
			},
		],
	);

export const paddingRows: LiteTable<typeof paddingOps> = {
	Pad: pad,
	PadV2: padWith,
	MirrorPad: mirror,
};
