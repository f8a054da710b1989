import type { AttrValue, GraphDef, NodeDef } from "../../../gen/graph_pb.js";
import { DataType } from "../../../gen/tensor_pb.js";
import { tensorFromProto } from "../../tensor/proto.js";

/**
 * The names of the features that a graph, its functions included, parses from examples as floats and never as anything
 * else. What cannot be told without running the graph is left out.
 */
export function floatFeatures(graph: GraphDef): ReadonlySet<string> {
	const floats = new Set<string>();
	const others = new Set<string>();
	for (const nodes of scopesOf(graph))
		for (const node of nodes)
			for (const { keys, types } of featuresOf(node, nodes))
				for (const [i, key] of keys.entries())
					(types[i] === DataType.DT_FLOAT ? floats : others).add(key);
	for (const key of others) floats.delete(key);
	return floats;
}

interface Features {
	readonly keys: readonly string[];
	readonly types: readonly DataType[];
}

type Nodes = readonly NodeDef[];

function scopesOf({ node, library }: GraphDef): Nodes[] {
	return [node, ...(library?.function.map(({ nodeDef }) => nodeDef) ?? [])];
}

type FeaturesOf = (node: NodeDef, nodes: Nodes) => readonly Features[];

function featuresOf(node: NodeDef, nodes: Nodes): readonly Features[] {
	return Object.hasOwn(PARSERS, node.op) ? PARSERS[node.op](node, nodes) : [];
}

/** Where each operation that parses `tf.Example` has its names and their types (parsing_ops.cc). */
const PARSERS: Readonly<Record<string, FeaturesOf>> = {
	ParseExample: (node, nodes) => {
		const sparse = types(node, "sparse_types");
		const dense = types(node, "Tdense");
		const keys = node.input
			.slice(2)
			.map((input) => constantKeys(input, nodes)[0]);
		return [
			{ keys: known(keys.slice(0, sparse.length)), types: sparse },
			{
				keys: known(keys.slice(sparse.length, sparse.length + dense.length)),
				types: dense,
			},
		];
	},
	ParseExampleV2: (node, nodes) =>
		["sparse_types", "Tdense", "ragged_value_types"].map((attr, i) => ({
			keys: constantKeys(node.input[2 + i], nodes),
			types: types(node, attr),
		})),
	ParseSingleExample: (node) => [
		{ keys: names(node, "sparse_keys"), types: types(node, "sparse_types") },
		{ keys: names(node, "dense_keys"), types: types(node, "Tdense") },
	],
};

/** All or nothing, so that keys keep the places of their types. */
function known(keys: readonly (string | undefined)[]): readonly string[] {
	return keys.every((key) => key !== undefined) ? keys : [];
}

/** The strings of a constant of the same scope; none for any other input. */
function constantKeys(input: string, nodes: Nodes): readonly string[] {
	const name = input.replace(/:.*$/, "");
	const value = nodes.find((node) => node.name === name)?.attr.value?.value;
	if (value?.case !== "tensor") return [];
	const { dtype, data } = tensorFromProto(value.value);
	return dtype === "string" ? (data as readonly Uint8Array[]).map(text) : [];
}

function types(node: NodeDef, attr: string): readonly DataType[] {
	return listOf(node.attr[attr])?.type ?? [];
}

function names(node: NodeDef, attr: string): readonly string[] {
	return (listOf(node.attr[attr])?.s ?? []).map(text);
}

function listOf(attr: AttrValue | undefined) {
	return attr?.value.case === "list" ? attr.value.value : undefined;
}

function text(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString();
}
