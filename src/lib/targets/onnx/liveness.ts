import type { OnnxAttr, OnnxGraph, OnnxNode } from "./graph.js";

/**
 * The graph without what its outputs do not need, as the shapes that a row found out for itself: ONNX Runtime would
 * compute them in every run.
 */
export function livingGraph(graph: OnnxGraph): OnnxGraph {
	const needed = new Set(graph.outputs.map(({ name }) => name));
	const nodes: OnnxNode[] = [];
	// nodes come after those that they need
	for (const node of graph.nodes.toReversed()) {
		if (!node.outputs.some((output) => needed.has(output))) continue;
		nodes.push(node);
		for (const name of namesRead(node)) needed.add(name);
	}
	return {
		...graph,
		nodes: nodes.reverse(),
		initializers: graph.initializers.filter(({ name }) => needed.has(name)),
	};
}

/** What a node reads, in the bodies of its loops and branches too: they see the names of the graph around them. */
function namesRead({ inputs, attrs }: OnnxNode): readonly string[] {
	return [...inputs, ...Object.values(attrs).flatMap(namesInBody)];
}

function namesInBody(attr: OnnxAttr): readonly string[] {
	if (typeof attr !== "object" || !("graph" in attr)) return [];
	const { nodes, outputs } = attr.graph;
	return [...nodes.flatMap(namesRead), ...outputs.map(({ name }) => name)];
}
