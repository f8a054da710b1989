import type { Node, ValueName } from "../../graph/ir.js";
import type { Tensor } from "../../tensor/tensor.js";
import { transpose } from "../../tensor/transpose.js";

/**
 * Which value inside of a result is that of a node: the last one whose name begins with the node's, as targets write several
 * for one. Only the first output of a node is looked for.
 */
export function insideOf(
	nodes: readonly Node[],
	names: readonly string[],
): ReadonlyMap<ValueName, string> {
	const owners = new Map(nodes.map(({ name, outputs }) => [name, outputs[0]]));
	const found = new Map<ValueName, string>();
	for (const name of names) {
		const owner = ownerOf(name, owners);
		if (owner !== undefined) found.set(owner, name);
	}
	return found;
}

/** Of the longest part of the name that is a node. */
function ownerOf(
	name: string,
	owners: ReadonlyMap<string, ValueName>,
): ValueName | undefined {
	for (
		let part = name.replace(/:\d+$/, "");
		part !== "";
		part = part.slice(0, Math.max(0, part.lastIndexOf("/")))
	) {
		const owner = owners.get(part);
		if (owner !== undefined) return owner;
	}
	return undefined;
}

/** A tensor in each order of axes that it may be meant in: as it is, or with its channels first; none fits another shape. */
export function layoutsOf(
	tensor: Tensor,
	wanted: readonly number[],
): readonly Tensor[] {
	const plain = tensor.shape.join() === wanted.join() ? [tensor] : [];
	const rank = wanted.length;
	if (rank < 3 || tensor.shape.length !== rank) return plain;
	const order = [0, ...wanted.slice(2).map((_, i) => i + 2), 1];
	const isMoved = order.every((axis, i) => tensor.shape[axis] === wanted[i]);
	return isMoved ? [...plain, transpose(tensor, order)] : plain;
}
