import type { Node } from "../graph/ir.js";
import type { Obstacle, OpObstacle } from "./engine.js";

/** Nodes that cannot run, told operation by operation: how often it occurs, its first node and that node's reason. */
export function byOperation(
	found: Iterable<{ readonly node: Node; readonly reason: string }>,
): readonly OpObstacle[] {
	const rows = new Map<string, OpObstacle>();
	for (const { node, reason } of found) {
		const row = rows.get(node.op);
		rows.set(node.op, {
			op: node.op,
			count: (row?.count ?? 0) + 1,
			node: row?.node ?? node.name,
			reason: row?.reason ?? reason,
		});
	}
	return [...rows.values()];
}

/** `cannot do Foo (3 times, first at node "a/b": reason), Bar (…); is not installed: …`. */
export function showObstacles(obstacles: readonly Obstacle[]): string {
	const ops = obstacles.flatMap((obstacle) =>
		"op" in obstacle ? [showOp(obstacle)] : [],
	);
	const others = obstacles.flatMap((obstacle) =>
		"op" in obstacle ? [] : [obstacle.reason],
	);
	return [
		...(ops.length === 0 ? [] : [`cannot do ${ops.join(", ")}`]),
		...others,
	].join("; ");
}

function showOp({ op, count, node, reason }: OpObstacle): string {
	return `${op} (${count === 1 ? "once" : `${count} times`}, first at node "${node}": ${reason})`;
}
