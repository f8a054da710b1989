import { isAsked, tensorsOf } from "../call.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { lengthOf } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, unsupported, word } from "../settings.js";
import { GROUPED, MULTI_HEAD } from "./attention/heads.js";
import { causalMask } from "./attention/mask.js";

/** keras layers/attention/attention.py: scores are products, or a sum of what both add up to. */
const attention: LayerEntry = {
	mask: "made",
	weights: (layer) => [
		...(flag(layer, "use_scale", false) ? [{ name: "scale" }] : []),
		...(isConcatenated(layer) ? [{ name: "concat_score_weight" }] : []),
	],
	emit: (scope) => {
		const { layer, graph } = scope;
		return attended(scope, (query, key) => {
			if (!isConcatenated(layer)) {
				const scores = graph.op("BatchMatMulV2", [query, key], { adj_y: true });
				return flag(layer, "use_scale", false)
					? graph.op("Mul", [scores, scope.weight("scale", [])])
					: scores;
			}
			const sum = everyPair(scope, query, key);
			const scaled = flag(layer, "use_scale", false)
				? graph.op("Mul", [sum, scope.weight("scale", [])])
				: sum;
			const total = lastSum(scope, graph.op("Tanh", [scaled]));
			return graph.op("Mul", [total, scope.weight("concat_score_weight", [])]);
		});
	},
};

function isConcatenated(layer: Layer): boolean {
	return word(layer, "score_mode", "dot") === "concat";
}

/** keras layers/attention/additive_attention.py */
const additive: LayerEntry = {
	mask: "made",
	weights: (layer) =>
		flag(layer, "use_scale", true) ? [{ name: "scale" }] : [],
	emit: (scope) =>
		attended(scope, (query, key) => {
			const bent = scope.graph.op("Tanh", [everyPair(scope, query, key)]);
			return lastSum(
				scope,
				flag(scope.layer, "use_scale", true)
					? scope.graph.op("Mul", [
							bent,
							scope.weight("scale", [lengthOf(query, -1)]),
						])
					: bent,
			);
		}),
};

/** [batch, queries, keys, features] */
function everyPair({ graph }: LayerScope, query: Flow, key: Flow): Value {
	return graph.op("AddV2", [
		graph.op("ExpandDims", [query, graph.scalar("int32", -2)]),
		graph.op("ExpandDims", [key, graph.scalar("int32", -3)]),
	]);
}

function lastSum({ graph }: LayerScope, x: Value): Value {
	return graph.op("Sum", [x, graph.ints([-1])]);
}

function attended(
	scope: LayerScope,
	scoresOf: (query: Flow, key: Flow) => Value,
): readonly Flow[] {
	const { layer, graph, call } = scope;
	const [query, value, key = value] = scope.inputs;
	if (value === undefined) throw unsupported(layer, "it wants two inputs");
	const scores = scoresOf(query, key);
	const masks = maskOf(scope, query, value, scores);
	const large = scores.dtype === "float16" ? 65504 : 1e9;
	const shown =
		masks === undefined
			? scores
			: graph.op("SelectV2", [
					masks,
					scores,
					graph.op("Sub", [scores, graph.scalar(scores.dtype, large)]),
				]);
	const weights = graph.op("Softmax", [shown]);
	const output = graph.op("BatchMatMulV2", [weights, value]);
	const result: Flow =
		query.mask === undefined
			? output
			: {
					...graph.op("SelectV2", [
						graph.op("ExpandDims", [query.mask, graph.scalar("int32", -1)]),
						output,
						graph.scalar(output.dtype, 0),
					]),
					mask: query.mask,
				};
	return isAsked(call, "return_attention_scores")
		? [result, weights]
		: [result];
}

/** [batch, 1 or queries, keys] */
function maskOf(
	{ layer, graph, call }: LayerScope,
	query: Flow,
	value: Flow,
	scores: Value,
): Value | undefined {
	const given =
		call.kwargs.mask === undefined ? [] : tensorsOf(call.kwargs.mask);
	const hidden = given.length === 2 ? given[1] : value.mask;
	const wide =
		hidden === undefined
			? undefined
			: graph.op("ExpandDims", [hidden, graph.scalar("int32", -2)]);
	const isCausal =
		isAsked(call, "use_causal_mask") || flag(layer, "causal", false);
	if (!isCausal) return wide;
	const causal = causalMask(graph, query, { ...value, dtype: scores.dtype });
	return wide === undefined ? causal : graph.op("LogicalAnd", [wide, causal]);
}

export const ATTENTION_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Attention: attention,
	AdditiveAttention: additive,
	MultiHeadAttention: MULTI_HEAD,
	GroupedQueryAttention: GROUPED,
	GroupQueryAttention: GROUPED,
};
