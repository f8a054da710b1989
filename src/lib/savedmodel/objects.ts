import {
	type TrackableObjectGraph,
	type TrackableObjectGraph_TrackableObject,
	TrackableObjectGraphSchema,
} from "../../gen/checkpoint_pb.js";
import type { GraphDef } from "../../gen/graph_pb.js";
import type { SavedObjectGraph } from "../../gen/saved_model_pb.js";
import { decodeMessage } from "../formats/protobuf.js";
import type { Bundle } from "./bundle.js";
import { calledFunction } from "./restore.js";

/** The bundle's tensor that describes the objects whose variables it holds (trackable/base.py). */
export const OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

/** The name under which an object keeps its value as a variable (trackable/base.py). */
const VARIABLE_VALUE = "VARIABLE_VALUE";

/**
 * The bundle's key of each variable of the object graph, by the variable's node id: both graphs are walked from their
 * roots side by side, as equal paths of local names mean the same object. Empty for a bundle without objects.
 */
export function variableKeys(
	{ nodes }: SavedObjectGraph,
	bundle: Bundle,
): ReadonlyMap<number, string> {
	const checkpoint = readObjectGraph(bundle);
	const keys = new Map<number, string>();
	const seen = new Set<number>();
	const waiting: [saved: number, stored: number][] = [[0, 0]];
	for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
		const saved = nodes[pair[0]];
		const stored = checkpoint?.nodes[pair[1]];
		if (saved === undefined || stored === undefined || seen.has(pair[0]))
			continue;
		seen.add(pair[0]);
		const value = stored.attributes.find(({ name }) => name === VARIABLE_VALUE);
		if (saved.kind.case === "variable" && value !== undefined)
			keys.set(pair[0], value.checkpointKey);
		const childOf = childFinder(stored);
		saved.children.forEach(({ localName, nodeId }, i) => {
			const child = childOf(localName, i);
			if (child !== undefined) waiting.push([nodeId, child]);
		});
	}
	return keys;
}

/** Finds children by name; mostly both graphs list them alike, and then the place is right and no index is made. */
function childFinder({ children }: TrackableObjectGraph_TrackableObject) {
	let byName: Map<string, number> | undefined;
	return (localName: string, place: number): number | undefined => {
		if (children[place]?.localName === localName) return children[place].nodeId;
		byName ??= new Map(
			children.map((child) => [child.localName, child.nodeId]),
		);
		return byName.get(localName);
	};
}

/**
 * The object behind each of these nodes of the main graph that a call captures: a function's captures come after its
 * arguments, in the order of `bound_inputs` (saved_object_graph.proto).
 */
export function capturedObjects(
	graph: GraphDef,
	{ concreteFunctions }: SavedObjectGraph,
	nodeNames: ReadonlySet<string>,
): ReadonlyMap<string, number> {
	const objects = new Map<string, number>();
	for (const node of graph.node) {
		if (!node.input.some((input) => nodeNames.has(producer(input)))) continue;
		const bound = concreteFunctions[calledFunction(node)]?.boundInputs ?? [];
		const inputs = node.input.filter((input) => !input.startsWith("^"));
		const captures = inputs.slice(inputs.length - bound.length);
		if (captures.length !== bound.length) continue;
		captures.map(producer).forEach((name, i) => {
			if (nodeNames.has(name)) objects.set(name, bound[i]);
		});
	}
	return objects;
}

/** A handle is the only output of its node. */
function producer(input: string): string {
	return input.endsWith(":0") ? input.slice(0, -2) : input;
}

function readObjectGraph(bundle: Bundle): TrackableObjectGraph | undefined {
	const entry = bundle.entries.get(OBJECT_GRAPH_KEY);
	if (entry?.dtype !== "string" || entry.shape.length > 0) return undefined;
	const [bytes] = bundle.read(OBJECT_GRAPH_KEY).data as Uint8Array[];
	return decodeMessage(TrackableObjectGraphSchema, bytes, OBJECT_GRAPH_KEY);
}
