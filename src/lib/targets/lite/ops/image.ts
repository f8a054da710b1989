import { boolAttr, floatAttr } from "../../../graph/attrs.js";
import type { imageOps } from "../../../ops/image.js";
import {
	type LiteContext,
	type LiteLowering,
	type LiteTable,
	type LiteValue,
	unsupported,
} from "../lowering.js";
import { int32Input } from "./numbers.js";
import { reshaped } from "./rows.js";

function positions({ node }: LiteContext) {
	return {
		alignCorners: boolAttr(node, "align_corners"),
		halfPixelCenters: boolAttr(node, "half_pixel_centers"),
	};
}

const bilinear: LiteLowering = (context) => {
	const { input, emit, outputs, cast } = context;
	return emit(
		"RESIZE_BILINEAR",
		[cast(input(0), "float32"), int32Input(context, 1)],
		outputs[0],
		["ResizeBilinearOptions", positions(context)],
	);
};

const nearest: LiteLowering = (context) =>
	context.emit(
		"RESIZE_NEAREST_NEIGHBOR",
		[context.input(0), int32Input(context, 1)],
		context.outputs[0],
		["ResizeNearestNeighborOptions", positions(context)],
	);

/** The least score that a box may have where the op has no such input. */
const ANY_SCORE = -3.4028234663852886e38;

interface Chosen {
	readonly indices: LiteValue;
	readonly count: LiteValue;
}

/** Boxes and scores, how many at most, and the two thresholds; places behind the last chosen one are filled with zeros. */
function chosen(
	context: LiteContext,
	overlap: LiteValue,
	score: LiteValue,
): Chosen {
	const { input, emitMany, cast } = context;
	const [indices, count] = emitMany(
		"NON_MAX_SUPPRESSION_V4",
		[
			cast(input(0), "float32"),
			cast(input(1), "float32"),
			input(2),
			cast(overlap, "float32"),
			cast(score, "float32"),
		],
		[
			{ dtype: "int32", shape: [-1] },
			{ dtype: "int32", shape: [] },
		],
		["NonMaxSuppressionV4Options", {}],
	);
	return { indices, count };
}

/** The first `count` items of a vector. */
function firstOf(
	context: LiteContext,
	vector: LiteValue,
	count: LiteValue,
): LiteValue {
	const { emit, ints } = context;
	return emit("SLICE", [vector, ints([0]), reshaped(context, count, [1])], {
		dtype: vector.dtype,
		shape: [-1],
	});
}

const suppression =
	(overlap: "attribute" | "input", hasScore: boolean): LiteLowering =>
	(context) => {
		const { node, input, scalar } = context;
		const { indices, count } = chosen(
			context,
			overlap === "input"
				? input(3)
				: scalar("float32", floatAttr(node, "iou_threshold")),
			hasScore ? input(4) : scalar("float32", ANY_SCORE),
		);
		return firstOf(context, indices, count);
	};

const suppressionV4: LiteLowering = (context) => {
	const { node, input } = context;
	const { indices, count } = chosen(context, input(3), input(4));
	return boolAttr(node, "pad_to_max_output_size")
		? [indices, count]
		: [firstOf(context, indices, count), count];
};

const suppressionV5: LiteLowering = (context) => {
	const { node, input, emitMany, cast } = context;
	const [indices, scores, count] = emitMany(
		"NON_MAX_SUPPRESSION_V5",
		[
			cast(input(0), "float32"),
			cast(input(1), "float32"),
			input(2),
			...[3, 4, 5].map((i) => cast(input(i), "float32")),
		],
		[
			{ dtype: "int32", shape: [-1] },
			{ dtype: "float32", shape: [-1] },
			{ dtype: "int32", shape: [] },
		],
		["NonMaxSuppressionV5Options", {}],
	);
	const given = cast(scores, context.inputs[1].dtype);
	return boolAttr(node, "pad_to_max_output_size")
		? [indices, given, count]
		: [firstOf(context, indices, count), firstOf(context, given, count), count];
};

const drawing = unsupported("TensorFlow Lite draws no boxes");
const resampling = unsupported(
	"TensorFlow Lite enlarges by the nearest pixel or linearly only",
);

export const imageRows: LiteTable<typeof imageOps> = {
	ResizeBilinear: bilinear,
	ResizeNearestNeighbor: nearest,
	ResizeBicubic: resampling,
	ResizeArea: resampling,
	ScaleAndTranslate: resampling,
	NonMaxSuppression: suppression("attribute", false),
	NonMaxSuppressionV2: suppression("input", false),
	NonMaxSuppressionV3: suppression("input", true),
	NonMaxSuppressionV4: suppressionV4,
	NonMaxSuppressionV5: suppressionV5,
	NonMaxSuppressionWithOverlaps: unsupported(
		"TensorFlow Lite computes the overlaps of boxes itself",
	),
	CombinedNonMaxSuppression: unsupported(
		"TensorFlow Lite has it as a custom operator only",
	),
	CropAndResize: unsupported("TensorFlow Lite cuts no boxes out"),
	DrawBoundingBoxes: drawing,
	DrawBoundingBoxesV2: drawing,
};
