import type { GraphDef, NodeDef } from "../../gen/graph_pb.js";
import { byBytes } from "./signature.js";
import type { Usage } from "./usage.js";

export interface OpCount {
	readonly op: string;
	/** Nodes of the main graph and of all functions. */
	readonly count: number;
	/** Those of them that the signatures need. */
	readonly used: number;
}

export interface FunctionSummary {
	readonly name: string;
	readonly inputs: number;
	readonly outputs: number;
	readonly nodes: number;
	/** Whether a signature calls it. */
	readonly used: boolean;
}

/** Every operation of the graph and its functions, calls of functions by their name left out; most used first. */
export function countOps(graph: GraphDef, usage: Usage): OpCount[] {
	const functions = graph.library?.function ?? [];
	const names = new Set(functions.map((f) => f.signature?.name));
	const counts = new Map<string, { count: number; used: number }>();
	const add = (node: NodeDef): void => {
		if (names.has(node.op)) return;
		const row = counts.get(node.op) ?? { count: 0, used: 0 };
		row.count++;
		if (usage.nodes.has(node)) row.used++;
		counts.set(node.op, row);
	};
	graph.node.forEach(add);
	for (const { nodeDef } of functions) nodeDef.forEach(add);
	return [...counts]
		.map(([op, row]) => ({ op, ...row }))
		.sort(
			(a, b) => b.used - a.used || b.count - a.count || byBytes(a.op, b.op),
		);
}

/** The functions of the library in its order. */
export function listFunctions(
	graph: GraphDef,
	usage: Usage,
): FunctionSummary[] {
	return (graph.library?.function ?? []).map(({ signature, nodeDef }) => ({
		name: signature?.name ?? "",
		inputs: signature?.inputArg.length ?? 0,
		outputs: signature?.outputArg.length ?? 0,
		nodes: nodeDef.length,
		used: usage.functions.has(signature?.name ?? ""),
	}));
}
