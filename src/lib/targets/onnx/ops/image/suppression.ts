import { boolAttr } from "../../../../graph/attrs.js";
import type { Tensor } from "../../../../tensor/tensor.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
import { type Choice, greedyChoice } from "./greedy-choice.js";
import { boxOverlaps, matrixOverlaps } from "./overlaps.js";

export interface Thresholds {
	/** Boxes that share more with a better one than this are dropped. */
	readonly overlap: OnnxValue;
	/** Boxes with no more than this score are dropped; float32's lowest number in upstream where none is given. */
	readonly score?: OnnxValue;
}

const LOWEST = -3.4028234663852886e38;

/** The indices of boxes (input 0) that are left, the best scores (input 1) first, at most as many as input 2 says. */
export function plainSuppression(
	context: LowerContext,
	thresholds: Thresholds,
): OnnxValue {
	return context.cast(selected(context, thresholds), "int32");
}

/** Beside the indices, perhaps padded with zeros, how many they are. */
export function countedSuppression(context: LowerContext): OnnxValue[] {
	const { cast, input } = context;
	const thresholds = { overlap: input(3), score: input(4) };
	const indices = selected(context, thresholds);
	const count = lengthOf(context, indices);
	return [
		cast(perhapsPadded(context, indices, count), "int32"),
		cast(count, "int32"),
	];
}

/** Scores too; with a sigma (input 5), boxes that overlap lose score instead of being dropped: "soft" suppression. */
export function scoredSuppression(context: LowerContext): OnnxValue[] {
	const { constant, input, cast } = context;
	const { indices, scores } = isZero(constant(5))
		? hardChoice(context)
		: greedyChoice(context, {
				scores: cast(input(1), "float32"),
				most: cast(input(2), "int64"),
				overlapThreshold: cast(input(3), "float32"),
				scoreThreshold: cast(input(4), "float32"),
				sigma: cast(input(5), "float32"),
				overlaps: boxOverlaps(context, cast(input(0), "float32")),
			});
	const count = lengthOf(context, indices);
	return [
		cast(perhapsPadded(context, indices, count), "int32"),
		cast(perhapsPadded(context, scores, count), input(1).dtype),
		cast(count, "int32"),
	];
}

/** Input 0 says for each two boxes how much they overlap. */
export function overlapSuppression(context: LowerContext): OnnxValue {
	const { input, cast } = context;
	const { indices } = greedyChoice(context, {
		scores: input(1),
		most: cast(input(2), "int64"),
		overlapThreshold: input(3),
		scoreThreshold: input(4),
		overlaps: matrixOverlaps(input(0)),
	});
	return cast(indices, "int32");
}

/** The places of chosen boxes, int64. */
function selected(
	{ emit, input, cast, ints, scalar }: LowerContext,
	{ overlap, score }: Thresholds,
): OnnxValue {
	const boxes = emit("Unsqueeze", [cast(input(0), "float32"), ints([0])]);
	const scores = emit("Unsqueeze", [cast(input(1), "float32"), ints([0, 1])]);
	const found = emit(
		"NonMaxSuppression",
		[
			boxes,
			scores,
			cast(input(2), "int64"),
			cast(overlap, "float32"),
			score === undefined ? scalar("float32", LOWEST) : cast(score, "float32"),
		],
		{},
		{ dtype: "int64" },
	);
	// a row is [batch, class, box]
	return emit("Gather", [found, scalar("int64", 2)], { axis: 1 });
}

function hardChoice(context: LowerContext): Choice {
	const { emit, cast, input } = context;
	const thresholds = { overlap: input(3), score: input(4) };
	const indices = selected(context, thresholds);
	const scores = emit("Gather", [cast(input(1), "float32"), indices]);
	return { indices, scores };
}

function perhapsPadded(
	{ node, emit, cast, input, ints }: LowerContext,
	vector: OnnxValue,
	count: OnnxValue,
): OnnxValue {
	if (!boolAttr(node, "pad_to_max_output_size")) return vector;
	const missing = emit("Sub", [cast(input(2), "int64"), count]);
	const behind = emit("Unsqueeze", [missing, ints([0])]);
	const pads = emit("Concat", [ints([0]), behind], { axis: 0 });
	return emit("Pad", [vector, pads]);
}

function lengthOf({ emit, ints }: LowerContext, vector: OnnxValue): OnnxValue {
	const shape = emit("Shape", [vector], {}, { dtype: "int64" });
	return emit("Squeeze", [shape, ints([0])]);
}

function isZero(tensor: Tensor | undefined): boolean {
	return tensor !== undefined && Number(tensor.data[0]) === 0;
}
