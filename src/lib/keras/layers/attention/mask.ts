import { flowOf, isAsked } from "../../call.js";
import type { Flow, LayerScope } from "../../entry.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import { lengthsOf } from "../../graph/shape.js";

/** [1, queries, keys]: true where the key is not later than the query. */
export function causalMask(
	graph: GraphBuilder,
	query: Value,
	value: Value,
): Value {
	const range = (of: Value) => {
		const length = lengthsOf(graph, of)[1];
		return graph.op("Range", [
			graph.scalar("int32", 0),
			typeof length === "number" ? graph.scalar("int32", length) : length,
			graph.scalar("int32", 1),
		]);
	};
	const rows = graph.op("ExpandDims", [range(query), graph.scalar("int32", 1)]);
	const columns = graph.op("ExpandDims", [
		range(value),
		graph.scalar("int32", 0),
	]);
	return graph.op("ExpandDims", [
		graph.op("GreaterEqual", [rows, columns]),
		graph.scalar("int32", 0),
	]);
}

interface Attended {
	readonly query: Flow;
	readonly value: Flow;
	readonly key: Flow;
}

/** [batch, queries, keys], all masks in one (keras multi_head_attention.py, _compute_attention_mask). */
export function attentionMask(
	{ graph, call }: LayerScope,
	{ query, value, key }: Attended,
): Value | undefined {
	const wide = (mask: Value | undefined, axis: number) =>
		mask === undefined
			? undefined
			: graph.op("ExpandDims", [
					graph.cast(mask, "bool"),
					graph.scalar("int32", axis),
				]);
	const given = flowOf(call, 6, "attention_mask");
	const masks = [
		wide(flowOf(call, 3, "query_mask") ?? query.mask, -1),
		wide(flowOf(call, 4, "value_mask") ?? value.mask, -2),
		key.name === value.name
			? undefined
			: wide(flowOf(call, 5, "key_mask") ?? key.mask, -2),
		isAsked(call, "use_causal_mask")
			? causalMask(graph, query, value)
			: undefined,
		given === undefined ? undefined : graph.cast(given, "bool"),
	].filter((mask) => mask !== undefined);
	return masks.length === 0
		? undefined
		: masks.reduce((a, b) => graph.op("LogicalAnd", [a, b]));
}
