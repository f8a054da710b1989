import { SHARED_CHANGES } from "../ops/effects.js";
import { TABLE_OPS } from "../savedmodel/restore.js";
import type { Graph, Node, ValueName } from "./ir.js";

/** Operations that make the handle of a queue. */
export const QUEUE_OPS: ReadonlySet<string> = new Set([
	"FIFOQueue",
	"FIFOQueueV2",
]);

/** The tables and queues that graphs use, each once. */
export function usedResources(graphs: readonly Graph[]): ReadonlySet<string> {
	return new Set(graphs.flatMap(({ nodes }) => nodes.flatMap(resourcesOf)));
}

/** Those that they change; of a change inside a body, where a handle is an argument, any may be meant. */
export function changedResources(graphs: readonly Graph[]): readonly string[] {
	const known = new Map<ValueName, string>();
	for (const { nodes } of graphs)
		for (const node of nodes)
			for (const resource of resourcesOf(node))
				known.set(node.outputs[0], resource);
	return graphs.flatMap(({ nodes }) =>
		nodes
			.filter(({ op }) => CHANGING_OPS.has(op))
			.flatMap(({ inputs }) => known.get(inputs[0]) ?? [...known.values()]),
	);
}

/** The table whose handle a node makes, by its shared name. */
export function tableOf({ op, attrs }: Node): string[] {
	const { shared_name: shared } = attrs;
	return TABLE_OPS.has(op) && typeof shared === "string" ? [shared] : [];
}

/** A queue may have a table's name: they are no less two. */
function resourcesOf(node: Node): string[] {
	const { shared_name: shared } = node.attrs;
	return QUEUE_OPS.has(node.op) && typeof shared === "string"
		? [`queue ${shared}`]
		: tableOf(node);
}

const CHANGING_OPS: ReadonlySet<string> = new Set(SHARED_CHANGES);
