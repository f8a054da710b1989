import { flowOf, isAsked } from "../../call.js";
import type { Flow, LayerEntry, LayerScope, WeightName } from "../../entry.js";
import type { Value } from "../../graph/builder.js";
import { lengthOf, lengthsOf, rankOf, reshaped } from "../../graph/shape.js";
import type { Layer } from "../../model.js";
import { flag, integer, real, unsupported } from "../../settings.js";
import { attentionMask } from "./mask.js";

/** The parts of which each is a product with a kernel, in the order in which Keras makes them. */
const PARTS = ["query", "key", "value", "output"] as const;

function partWeights(prefix: string) {
	return (layer: Layer): readonly WeightName[] =>
		PARTS.flatMap((part) => [
			{ name: `${part}_kernel`, path: `${prefix}${part}_dense/vars/0` },
			...(flag(layer, "use_bias", true)
				? [{ name: `${part}_bias`, path: `${prefix}${part}_dense/vars/1` }]
				: []),
		]);
}

interface Attended {
	readonly query: Flow;
	readonly value: Flow;
	readonly key: Flow;
}

function attendedOf(scope: LayerScope): Attended {
	const { layer, graph, call, inputs, policy } = scope;
	const [query] = inputs;
	const cast = (flow: Flow): Flow => ({
		...flow,
		...graph.cast(flow, policy.compute),
	});
	const value = flowOf(call, 1, "value");
	if (value === undefined)
		throw unsupported(layer, "it is called without a value");
	const key = flowOf(call, 2, "key");
	for (const flow of [query, value])
		if (rankOf(flow) !== 3)
			throw unsupported(layer, `it attends over ${rankOf(flow) - 2} axes`);
	const shown = cast(value);
	return { query, value: shown, key: key === undefined ? shown : cast(key) };
}

/** [batch, length, heads, size] */
function projected(
	scope: LayerScope,
	x: Flow,
	part: string,
	shape: readonly [number, number],
): Value {
	const { layer, graph } = scope;
	const kernel = scope.weight(`${part}_kernel`, [lengthOf(x, -1), ...shape]);
	const product = graph.op("Einsum", [x, kernel], {
		equation: "abc,cde->abde",
	});
	return flag(layer, "use_bias", true)
		? graph.op("AddV2", [product, scope.weight(`${part}_bias`, shape)])
		: product;
}

interface Heads {
	readonly query: Value;
	readonly key: Value;
	readonly value: Value;
	readonly mask: Value | undefined;
	/** Of a head. */
	readonly size: number;
}

/** What the heads find, and how they weigh: products, softmax over the keys, products again. */
function weighed(scope: LayerScope, heads: Heads): readonly [Value, Value] {
	const { graph } = scope;
	const { query, key, value, mask, size } = heads;
	const scaled = graph.op("Mul", [
		query,
		graph.scalar(query.dtype, 1 / Math.sqrt(size)),
	]);
	const scores = graph.op("Einsum", [key, scaled], {
		equation: "aecd,abcd->acbe",
	});
	const weights = maskedSoftmax(scope, scores, mask);
	return [
		graph.op("Einsum", [weights, value], { equation: "acbe,aecd->abcd" }),
		weights,
	];
}

function maskedSoftmax(
	{ layer, graph, call }: LayerScope,
	scores: Value,
	mask: Value | undefined,
): Value {
	if (mask === undefined) return graph.op("Softmax", [scores]);
	const wide =
		rankOf(mask) === 4
			? mask
			: graph.op("ExpandDims", [mask, graph.scalar("int32", 1)]);
	const low = scores.dtype === "float16" ? -3e4 : -1e9;
	const shown = graph.op("SelectV2", [
		wide,
		scores,
		graph.scalar(scores.dtype, low),
	]);
	const weights = graph.op("Softmax", [shown]);
	// a query that may look at nothing looks at all alike, or at nothing on the way by Keras 3's own Softmax
	const isKept =
		layer.generation === 2 ||
		(real(layer, "dropout", 0) === 0 &&
			!isAsked(call, "return_attention_scores"));
	return isKept
		? weights
		: graph.op("SelectV2", [wide, weights, graph.scalar(scores.dtype, 0)]);
}

function finished(
	scope: LayerScope,
	[found, weights]: readonly [Value, Value],
	{ heads, size, width }: { heads: number; size: number; width: number },
): readonly Flow[] {
	const { layer, graph, call, inputs } = scope;
	const kernel = scope.weight("output_kernel", [heads, size, width]);
	const product = graph.op("Einsum", [found, kernel], {
		equation: "abcd,cde->abe",
	});
	const output: Flow = flag(layer, "use_bias", true)
		? graph.op("AddV2", [product, scope.weight("output_bias", [width])])
		: product;
	const { mask } = inputs[0];
	const shown = mask === undefined ? output : { ...output, mask };
	return isAsked(call, "return_attention_scores") ? [shown, weights] : [shown];
}

/** keras layers/attention/multi_head_attention.py */
export const MULTI_HEAD: LayerEntry = {
	mask: "made",
	weights: partWeights(""),
	emit: (scope) => {
		const { layer } = scope;
		rejectVariants(layer);
		const given = attendedOf(scope);
		const heads = integer(layer, "num_heads");
		const size = integer(layer, "key_dim");
		const valueSize =
			layer.config.value_dim === null || layer.config.value_dim === undefined
				? size
				: integer(layer, "value_dim");
		const { output_shape: asked } = layer.config;
		const width =
			asked === null || asked === undefined
				? lengthOf(given.query, -1)
				: integer(layer, "output_shape");
		const found = weighed(scope, {
			query: projected(scope, given.query, "query", [heads, size]),
			key: projected(scope, given.key, "key", [heads, size]),
			value: projected(scope, given.value, "value", [heads, valueSize]),
			mask: attentionMask(scope, given),
			size,
		});
		return finished(scope, found, { heads, size: valueSize, width });
	},
};

/** keras layers/attention/grouped_query_attention.py: several heads of queries share one of keys and values. */
export const GROUPED: LayerEntry = {
	mask: "made",
	weights: partWeights("_"),
	emit: (scope) => {
		const { layer, graph } = scope;
		rejectVariants(layer);
		const given = attendedOf(scope);
		const heads = integer(layer, "num_query_heads");
		const shared = integer(layer, "num_key_value_heads");
		const size = integer(layer, "head_dim");
		const spread = (part: "key" | "value") => {
			const x = projected(scope, given[part], part, [shared, size]);
			const [batch, length] = lengthsOf(graph, x);
			const wide = graph.op("ExpandDims", [x, graph.scalar("int32", 3)]);
			const many = graph.op("Tile", [
				wide,
				graph.ints([1, 1, 1, heads / shared, 1]),
			]);
			return reshaped(graph, many, [batch, length, heads, size]);
		};
		const found = weighed(scope, {
			query: projected(scope, given.query, "query", [heads, size]),
			key: spread("key"),
			value: spread("value"),
			mask: attentionMask(scope, given),
			size,
		});
		const width = lengthOf(given.query, -1);
		return finished(scope, found, { heads, size, width });
	},
};

function rejectVariants(layer: Layer): void {
	if (flag(layer, "use_gate", false))
		throw unsupported(layer, "its use_gate is true");
	if (typeof layer.config.sliding_window === "number")
		throw unsupported(layer, "it has a sliding window");
}
