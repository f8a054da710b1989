import type { NodeDef } from "../../gen/graph_pb.js";
import { VARIABLE_OPS } from "./restore.js";
import type { Usage } from "./usage.js";
import type { WeightSummary } from "./weights.js";

/** Nodes that share a name scope below the model's own: what Keras and TF-Slim make of a layer. */
export interface LayerSummary {
	/** `conv2d_1`; a node's own name where it stands in no scope. */
	readonly name: string;
	/** What it computes, each operation once, in order. */
	readonly ops: readonly string[];
	readonly weights: readonly WeightSummary[];
	/** Elements of its weights. */
	readonly parameters: number;
}

/** The layers of what is used, in the order of the graph; a weight belongs to the layer that reads it first. */
export function listLayers(
	usage: Usage,
	weights: ReadonlyMap<string, WeightSummary>,
): LayerSummary[] {
	const nodes = [...usage.nodes].filter(
		(node) => !PLUMBING.has(node.op) && !usage.functions.has(node.op),
	);
	const depth = scopeDepth(nodes.map(({ name }) => name));
	const layers = new Map<string, Layer>();
	for (const node of nodes) layerOf(layers, node, depth).ops.add(node.op);
	for (const [resource, weight] of weights) {
		const reader = usage.readers.get(resource)?.[0];
		if (reader !== undefined)
			layerOf(layers, reader, depth).weights.push(weight);
	}
	return [...layers]
		.filter(([, { ops, weights: own }]) => ops.size + own.length > 0)
		.map(([name, layer]) => ({
			name,
			ops: [...layer.ops],
			weights: layer.weights,
			parameters: layer.weights.reduce((sum, w) => sum + w.parameters, 0),
		}));
}

interface Layer {
	readonly ops: Set<string>;
	readonly weights: WeightSummary[];
}

/** Operations that carry values about and compute nothing. */
export const PLUMBING: ReadonlySet<string> = new Set([
	...VARIABLE_OPS,
	"Const",
	"Identity",
	"NoOp",
	"PartitionedCall",
	"Placeholder",
	"PlaceholderWithDefault",
	"ReadVariableOp",
	"StatefulPartitionedCall",
]);

function layerOf(
	layers: Map<string, Layer>,
	node: NodeDef,
	depth: number,
): Layer {
	const path = node.name.split("/");
	const name = path[Math.min(depth, path.length - 1)];
	const layer = layers.get(name) ?? { ops: new Set(), weights: [] };
	layers.set(name, layer);
	return layer;
}

/**
 * How many leading scopes are the model's and not a layer's: those that all scoped nodes share, as long as most of them
 * have another scope below.
 */
export function scopeDepth(nodes: readonly string[]): number {
	const paths = nodes
		.map((name) => name.split("/"))
		.filter((path) => path.length > 1);
	let depth = 0;
	while (paths.length > 0) {
		const scope = paths[0][depth];
		const deeper = paths.filter((path) => path.length > depth + 2);
		const isShared = paths.every(
			(path) => path.length > depth + 1 && path[depth] === scope,
		);
		if (!isShared || deeper.length * 2 < paths.length) break;
		depth++;
	}
	return depth;
}
