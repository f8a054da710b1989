import { fail } from "../../../../errors.js";
import type { DType } from "../../../../tensor/dtype.js";
import { tensorFromNumbers } from "../../../../tensor/numbers.js";
import { type LoweringSource, OnnxBuilder } from "../../builder.js";
import { type Emitter, expressions } from "../../expression.js";
import type { OnnxGraph } from "../../graph.js";
import type { LowerContext, OnnxValue } from "../../lowering.js";
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
		{ body: { graph: loopBody(rules) } },
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
function loopBody(rules: GreedyRules): OnnxGraph {
	const name = `${rules.scores.name}/turn`;
	const builder = new OnnxBuilder(NO_PROGRAM);
	builder.enter(name);
	const port = (part: string, dtype: DType, shape: readonly number[]) => ({
		name: builder.reserve(`${name}/${part}`),
		dtype,
		shape,
	});
	const turn = port("number", "int64", []);
	const goOn = port("go_on", "bool", []);
	const scores = port("scores", "float32", [-1]);
	const emitter = emitterOf(builder);
	const { best, score, valid, lowered } = oneTurn(emitter, rules, scores);
	const output = (value: OnnxValue, part: string, shape: readonly number[]) => {
		const to = port(part, value.dtype, shape);
		builder.nodes.push({
			op: "Identity",
			domain: "",
			name: `${to.name}/output`,
			inputs: [value.name],
			outputs: [to.name],
			attrs: {},
		});
		return to;
	};
	const outputs = [
		output(valid, "valid", []),
		output(lowered, "lowered", [-1]),
		output(best, "best", [1]),
		output(score, "score", [1]),
	];
	return {
		name,
		inputs: [turn, goOn, scores],
		outputs,
		nodes: builder.nodes,
		initializers: builder.initializers,
	};
}

interface Turn {
	readonly best: OnnxValue;
	readonly score: OnnxValue;
	readonly valid: OnnxValue;
	readonly lowered: OnnxValue;
}

function oneTurn(
	emitter: Emitter,
	rules: GreedyRules,
	scores: OnnxValue,
): Turn {
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
	return {
		best,
		score,
		valid: emit("Squeeze", [valid, ints([0])]),
		lowered: emit("ScatterElements", [left, best, never], { axis: 0 }),
	};
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

/** The body of a loop knows nothing of the Program; it names values of the graph around it. */
const NO_PROGRAM: LoweringSource = {
	typeOf: () => {
		throw fail("BUG", "the body of a loop has no values of the Program");
	},
	constant: () => undefined,
};

function emitterOf(builder: OnnxBuilder): Emitter {
	return {
		emit: (op, inputs, attrs, options) =>
			builder.emit(op, inputs, attrs, options),
		scalar: (dtype, value) => builder.scalar(dtype, value),
		ints: (values) =>
			builder.initializer(tensorFromNumbers("int64", [values.length], values)),
	};
}
