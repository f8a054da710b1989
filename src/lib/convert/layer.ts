import { scopeDepth } from "../savedmodel/layers.js";

/** Makes a function from a node to the layer that it stands in; a node outside of all scopes is its own. */
export function layerOf(nodes: readonly string[]): (node: string) => string {
	const depth = scopeDepth(nodes.map(ownName));
	return (node) => {
		const path = ownName(node).split("/");
		return path.length === 1 ? node : path[Math.min(depth, path.length - 2)];
	};
}

/** Without the calls that it was inlined from. */
function ownName(node: string): string {
	return node.replace(/^((Stateful)?PartitionedCall(_\d+)?\/)+(?=.)/, "");
}
