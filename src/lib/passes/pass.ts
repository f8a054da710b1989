import type { Graph, Node, Program, ValueName } from "../graph/ir.js";

/** Returns a new program with the same inputs, outputs and answers. */
export type Pass = (program: Program) => Program;

/** What happens to a node: the nodes that stand in its place, and values that others should use instead of its outputs. */
export interface Replacement {
	readonly nodes: readonly Node[];
	/** From an output of the node to the value that replaces it. */
	readonly values?: ReadonlyMap<ValueName, ValueName>;
}

/**
 * Walks the nodes in order, each with its inputs already replaced; `replace` returns what stands in its place, or
 * `undefined` to keep it. Bodies of control flow are left alone (see bodies.ts).
 */
export function rewrite<G extends Graph>(
	program: G,
	replace: (node: Node) => Replacement | undefined,
): G {
	const replaced = new Map<ValueName, ValueName>();
	const current = (value: ValueName) => replaced.get(value) ?? value;
	const nodes: Node[] = [];
	for (const original of program.nodes) {
		const node = withInputs(original, current);
		const replacement = replace(node);
		if (replacement === undefined) nodes.push(node);
		else {
			nodes.push(...replacement.nodes);
			for (const [from, to] of replacement.values ?? [])
				replaced.set(from, current(to));
		}
	}
	const outputs = program.outputs.map((port) => ({
		...port,
		value: current(port.value),
	}));
	return { ...program, nodes, outputs };
}

/** The nodes that use each value, in order; a graph's own outputs are not among them. */
export function consumersOf(
	graph: Graph,
): ReadonlyMap<ValueName, readonly Node[]> {
	const consumers = new Map<ValueName, Node[]>();
	for (const node of graph.nodes)
		for (const input of new Set(node.inputs)) {
			const list = consumers.get(input);
			if (list === undefined) consumers.set(input, [node]);
			else list.push(node);
		}
	return consumers;
}

function withInputs(
	node: Node,
	current: (value: ValueName) => ValueName,
): Node {
	if (node.inputs.every((input) => current(input) === input)) return node;
	return { ...node, inputs: node.inputs.map(current) };
}
