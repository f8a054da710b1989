import type { NodeDef } from "../../../gen/graph_pb.js";
import { dependenciesFirst } from "../order.js";
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

/**
 * Whether the groups can run one after the other. A group waits for all that its Merges wait for, and they for the group: no
 * such chain may lead back to where it began.
 */
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
	const places = new Map(order.map((node, i) => [node, i]));
	// what stands behind a node is where a loop comes back
	const before = (node: NodeDef) =>
		flow
			.edges(node)
			.flatMap(({ source }) => source ?? [])
			.filter((source) => (places.get(source) ?? 0) < (places.get(node) ?? 0));
	const waitsFor = (
		item: NodeDef | readonly Choice[],
	): readonly (NodeDef | readonly Choice[])[] => {
		if (!("op" in item)) return item.flatMap(({ merge }) => before(merge));
		const group = groupOf.get(item);
		return group === undefined ? before(item) : [group];
	};
	const sorted = dependenciesFirst(order, waitsFor);
	const turns = new Map(sorted.map((item, i) => [item, i]));
	return sorted.every((item, i) =>
		waitsFor(item).every((other) => (turns.get(other) ?? 0) < i),
	);
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
