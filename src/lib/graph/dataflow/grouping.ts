import type { NodeDef } from "../../../gen/graph_pb.js";
import type { Dataflow } from "./edges.js";
import type { Choice } from "./liveness.js";

/** Items by a key, groups and members in the order of their first appearance. */
export function groupBy<T, Key>(
	items: readonly T[],
	keyOf: (item: T) => Key,
): Map<Key, T[]> {
	const groups = new Map<Key, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [item]);
		else group.push(item);
	}
	return groups;
}

/**
 * Choices by one predicate share an If, unless one waits for another: then they come from two conditionals after one another.
 * `order` are all nodes, dependencies first.
 */
export function groupChoices(
	flow: Dataflow,
	order: readonly NodeDef[],
	choices: readonly Choice[],
): (readonly Choice[])[] {
	const byPredicate = groupBy(choices, ({ predicate }) => predicate.key);
	const groups = [...byPredicate.values()].flatMap((group) =>
		byDepth(flow, order, group),
	);
	return canFollow(flow, order, groups)
		? groups
		: byDepth(flow, order, choices);
}

/** Choices that lie behind equally many others, by predicate. */
function byDepth(
	flow: Dataflow,
	order: readonly NodeDef[],
	choices: readonly Choice[],
): Choice[][] {
	if (choices.length === 1) return [[...choices]];
	const merges = new Set(choices.map(({ merge }) => merge));
	const depths = new Map<NodeDef, number>();
	for (const node of order) {
		const depth = highest(flow, node, depths);
		depths.set(node, merges.has(node) ? depth + 1 : depth);
	}
	const groups = groupBy(
		choices,
		({ merge, predicate }) => `${depths.get(merge)} ${predicate.key}`,
	);
	return [...groups.values()];
}

/** Whether the groups can run one after the other: whether each can be put behind all that it waits for. */
function canFollow(
	flow: Dataflow,
	order: readonly NodeDef[],
	groups: readonly (readonly Choice[])[],
): boolean {
	const groupOf = new Map(
		groups.flatMap((group) =>
			group.map(({ merge }) => [merge, group] as const),
		),
	);
	const places = new Map(groups.map((group) => [group, 0]));
	for (let pass = 0; pass <= groups.length + 1; pass++) {
		let isSettled = true;
		const behind = new Map<NodeDef, number>();
		for (const node of order) {
			const place = highest(flow, node, behind);
			const group = groupOf.get(node);
			if (group === undefined) {
				behind.set(node, place);
				continue;
			}
			const known = places.get(group) ?? 0;
			if (place >= known) {
				places.set(group, place + 1);
				isSettled = false;
			}
			behind.set(node, Math.max(known, place + 1));
		}
		if (isSettled) return true;
	}
	return false;
}

function highest(
	flow: Dataflow,
	node: NodeDef,
	values: ReadonlyMap<NodeDef, number>,
): number {
	let value = 0;
	for (const { source } of flow.edges(node))
		if (source !== undefined) value = Math.max(value, values.get(source) ?? 0);
	return value;
}
