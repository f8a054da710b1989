import type { Program } from "../graph/ir.js";
import { layerOf } from "./layer.js";
import type { Obstructing } from "./target.js";
import { wayOut } from "./ways.js";

/** An operation that has no form in a target: one row for all its nodes. */
export interface ConvertObstacle {
	readonly op: string;
	readonly count: number;
	/** The first node of that operation. */
	readonly node: string;
	/** The layer that it stands in; the node itself where there is none. */
	readonly layer: string;
	readonly reason: string;
	/** What can be done about it. */
	readonly way: string;
}

/** All obstacles of a signature, by operation, in the order of their first nodes. */
export function obstaclesOf(
	{ nodes }: Pick<Program, "nodes">,
	found: readonly Obstructing[],
): readonly ConvertObstacle[] {
	const layers = layerOf(
		nodes.filter(({ inputs }) => inputs.length > 0).map(({ name }) => name),
	);
	const rows = new Map<string, ConvertObstacle>();
	for (const { node, reason } of found) {
		const row = rows.get(node.op);
		rows.set(
			node.op,
			row === undefined
				? {
						op: node.op,
						count: 1,
						node: node.name,
						layer: layers(node.name),
						reason,
						way: wayOut(node.op),
					}
				: { ...row, count: row.count + 1 },
		);
	}
	return [...rows.values()];
}

/** `Foo (3 times, first at node "a/b" in layer b: reason)`. */
export function showObstacle({
	op,
	count,
	node,
	layer,
	reason,
}: ConvertObstacle): string {
	const times = count === 1 ? "once" : `${count} times, first`;
	const where = layer === node ? "" : ` in layer "${layer}"`;
	return `${op} (${times} at node "${node}"${where}: ${reason})`;
}

/** `Foo (reason)`. */
export function showReason({ op, reason }: ConvertObstacle): string {
	return `${op} (${reason})`;
}
