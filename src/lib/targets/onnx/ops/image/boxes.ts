import { floatAttr, stringAttr } from "../../../../graph/attrs.js";
import type { boxOps } from "../../../../ops/image/boxes.js";
import type { LowerContext, LoweringTable, OnnxValue } from "../../lowering.js";
import { combinedSuppression } from "./combined-suppression.js";
import {
	countedSuppression,
	overlapSuppression,
	plainSuppression,
	scoredSuppression,
} from "./suppression.js";

export const boxLowerings: LoweringTable<typeof boxOps> = {
	NonMaxSuppression: (context) =>
		plainSuppression(context, {
			overlap: context.scalar(
				"float32",
				floatAttr(context.node, "iou_threshold"),
			),
		}),
	NonMaxSuppressionV2: (context) =>
		plainSuppression(context, { overlap: context.input(3) }),
	NonMaxSuppressionV3: (context) =>
		plainSuppression(context, {
			overlap: context.input(3),
			score: context.input(4),
		}),
	NonMaxSuppressionV4: countedSuppression,
	NonMaxSuppressionV5: scoredSuppression,
	NonMaxSuppressionWithOverlaps: overlapSuppression,
	CombinedNonMaxSuppression: combinedSuppression,
	CropAndResize: cropAndResize,
};

/** ONNX Runtime's kernel is TensorFlow's. */
function cropAndResize(context: LowerContext): OnnxValue {
	const { node, emit, cast, input, channelsFirst } = context;
	const output = emit(
		"CropAndResize",
		[
			cast(channelsFirst(0, 4), "float32"),
			cast(input(1), "float32"),
			input(2),
			input(3),
		],
		{
			mode: stringAttr(node, "method"),
			extrapolation_value: { float: floatAttr(node, "extrapolation_value") },
		},
		{ domain: "com.microsoft" },
	);
	return { ...output, channelsFirst: true };
}
