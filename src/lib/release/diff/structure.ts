import type { LayerSummary } from "../../savedmodel/layers.js";
import type { OpCount } from "../../savedmodel/ops-summary.js";
import { showShape } from "../../tensor/tensor.js";

/** An operation that one version has more often than the other. */
export interface OpChange {
	readonly op: string;
	readonly from: number;
	readonly to: number;
}

/** In the order of the names; what is as frequent in both is left out. */
export function compareOps(
	from: readonly OpCount[],
	to: readonly OpCount[],
): OpChange[] {
	const before = new Map(from.map(({ op, used }) => [op, used]));
	const after = new Map(to.map(({ op, used }) => [op, used]));
	return [...new Set([...before.keys(), ...after.keys()])]
		.sort()
		.map((op) => ({
			op,
			from: before.get(op) ?? 0,
			to: after.get(op) ?? 0,
		}))
		.filter((change) => change.from !== change.to);
}

/** Layers that have no like in the other version: same kind, same operations, weights of the same shapes. */
export interface LayerChanges {
	readonly removed: readonly string[];
	readonly added: readonly string[];
	readonly same: number;
}

export function compareLayers(
	from: readonly LayerSummary[],
	to: readonly LayerSummary[],
): LayerChanges {
	const left = new Map<string, LayerSummary[]>();
	for (const layer of from)
		left.set(kindOf(layer), [...(left.get(kindOf(layer)) ?? []), layer]);
	const added: string[] = [];
	for (const layer of to)
		if (left.get(kindOf(layer))?.shift() === undefined)
			added.push(shown(layer));
	const rest = new Set([...left.values()].flat());
	const removed = from.filter((layer) => rest.has(layer)).map(shown);
	return { removed, added, same: from.length - removed.length };
}

/** Keras counts its layers anew in each process: `dense_1`, `dense_2_1`. */
function kindOf({ name, ops, weights }: LayerSummary): string {
	const shapes = weights.map(({ shape }) => showShape(shape)).sort();
	return [name.replace(/(_\d+)+$/, ""), ...ops, ...shapes].join(" ");
}

function shown({ name, weights }: LayerSummary): string {
	const shapes = weights.map(({ shape }) => showShape(shape));
	return shapes.length === 0 ? name : `${name} ${shapes.join(" ")}`;
}
