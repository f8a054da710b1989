import { type Emitter, expressions } from "../../expression.js";
import {
	type LowerContext,
	type OnnxValue,
	ROUND_INPUTS,
} from "../../lowering.js";
import type { Overlaps } from "./overlaps.js";

export interface GreedyRules {
	/** [boxes], float32. */
	readonly scores: OnnxValue;
	/** How many boxes to choose, an int64 scalar. */
	readonly most: OnnxValue;
	readonly overlapThreshold: OnnxValue;
	readonly scoreThreshold: OnnxValue;
	/** Above 0, a box that overlaps a chosen one loses score and is not dropped. */
	readonly sigma?: OnnxValue;
	readonly overlaps: Overlaps;
}

export interface Choice {
	/** [chosen], int64 and float32. */
	readonly indices: OnnxValue;
	readonly scores: OnnxValue;
}

/**
 * Takes the best box again and again, and drops, or lowers, those that overlap it: an ONNX Loop, for what ONNX's
 * NonMaxSuppression does not do. The result is that of upstream's DoNonMaxSuppressionOp, which lowers scores lazily.
 */
export function greedyChoice(
	context: LowerContext,
	rules: GreedyRules,
): Choice {
	const { emit, emitMany, ints } = context;
	const math = expressions(context);
	const size = emit("Size", [rules.scores], {}, { dtype: "int64" });
	const [, places, found] = emitMany(
		"Loop",
		[rules.most, math.greater(size, 0), rules.scores],
		["float32", "int64", "float32"],
		{
			body: {
				graph: context.nested(
					[...ROUND_INPUTS, { dtype: "float32", shape: [-1] }],
					(turn, [, , scores]) => oneTurn(turn, rules, scores),
				),
			},
		},
	);
	// the last turn finds nothing when the loop ends early
	const counts = math.greater(found, rules.scoreThreshold);
	const count = emit("ReduceSum", [context.cast(counts, "int64"), ints([0])], {
		keepdims: 0,
	});
	const cut = (rows: OnnxValue) => {
		const vector = emit("Reshape", [rows, ints([-1])]);
		return emit("Slice", [vector, ints([0]), count]);
	};
	return { indices: cut(places), scores: cut(found) };
}

/** One turn: scores → whether to go on, new scores, the best box and its score. */
function oneTurn(
	emitter: Emitter,
	rules: GreedyRules,
	scores: OnnxValue,
): readonly OnnxValue[] {
	const { emit, ints } = emitter;
	const math = expressions(emitter);
	// the first of equals, as upstream
	const best = emit(
		"ArgMax",
		[scores],
		{ axis: 0, keepdims: 1 },
		{ dtype: "int64" },
	);
	const score = emit("Gather", [scores, best]);
	const overlap = rules.overlaps(emitter, best);
	const left = lowered(emitter, rules, scores, overlap);
	const never = emit("Expand", [
		emitter.scalar("float32", Number.NEGATIVE_INFINITY),
		ints([1]),
	]);
	const valid = math.greater(score, rules.scoreThreshold);
	return [
		emit("Squeeze", [valid, ints([0])]),
		emit("ScatterElements", [left, best, never], { axis: 0 }),
		best,
		score,
	];
}

/** Scores of boxes after one was chosen that overlaps them this much. */
function lowered(
	emitter: Emitter,
	{ overlapThreshold, sigma }: GreedyRules,
	scores: OnnxValue,
	overlap: OnnxValue,
): OnnxValue {
	const math = expressions(emitter);
	const dropped = math.where(
		math.greater(overlap, overlapThreshold),
		Number.NEGATIVE_INFINITY,
		scores,
	);
	if (sigma === undefined) return dropped;
	const soft = math.greater(sigma, 0);
	const scale = math.div(-0.5, math.where(soft, sigma, 1));
	const weight = math.of("Exp", math.mul(scale, math.mul(overlap, overlap)));
	return math.where(soft, math.mul(scores, weight), dropped);
}
