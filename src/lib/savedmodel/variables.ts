import { join } from "node:path";
import type { GraphDef } from "../../gen/graph_pb.js";
import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import { isFile, isFolder, listFolder } from "../formats/file.js";
import { nearest, quoted } from "../nearest.js";
import type { Constant } from "../tensor/constant.js";
import { DTYPES } from "../tensor/dtype.js";
import { elementCount } from "../tensor/tensor.js";
import { type Bundle, openBundle } from "./bundle.js";
import { capturedObjects, variableKeys } from "./objects.js";
import type { SavedModelFile } from "./read.js";
import { type Region, regionShape } from "./region.js";
import { resourceOf, traceRestore, VARIABLE_OPS } from "./restore.js";
import { listSignatures } from "./signature.js";
import { findUsage } from "./usage.js";

/** A variable of the main graph with its value in the checkpoint, which is read when it is asked for. */
export interface Variable extends Constant {
	/** The value's key in the bundle. */
	readonly key: string;
	/** Equal for nodes that stand for one variable (`resourceOf`). */
	readonly resource: string;
}

/**
 * The values of the main graph's variables, by the name of the node that makes the handle (VarHandleOp) or the reference
 * (VariableV2, Variable). What the restore operation assigns decides; for variables that it leaves out the object graph
 * does. Variables that neither knows, as those that only an initializer sets, are absent.
 * Fails with CORRUPT where the checkpoint lacks what the graph wants.
 */
export function bindVariables(
	model: SavedModelFile,
	metaGraph: MetaGraphDef,
): ReadonlyMap<string, Variable> {
	return bindToBundle(openVariables(model.dir), metaGraph);
}

/** The same with a bundle that is open already; undefined for a model without variables. */
export function bindToBundle(
	bundle: Bundle | undefined,
	metaGraph: MetaGraphDef,
): ReadonlyMap<string, Variable> {
	const graph = metaGraph.graphDef;
	const bound = new Map<string, Variable>();
	if (bundle === undefined || graph === undefined) return bound;
	const handles = graph.node
		.filter(({ op }) => VARIABLE_OPS.has(op))
		.map((node) => ({ node, resource: resourceOf(node) }));
	const restored = restoredSources(metaGraph, graph);
	const left = handles.filter(({ resource }) => !restored.has(resource));
	const objects = objectSources(
		metaGraph,
		new Set(left.map(({ node }) => node.name)),
		bundle,
	);
	for (const { node, resource } of handles) {
		const source = restored.get(resource) ?? objects.get(resource);
		const variable =
			source && makeVariable(bundle, node.name, resource, source);
		if (variable !== undefined) bound.set(node.name, variable);
	}
	return bound;
}

/**
 * The checkpoint of a SavedModel; undefined for a model without variables. Fails with NOT_READY where values are there
 * and their index is not.
 */
export function openVariables(dir: string): Bundle | undefined {
	const folder = join(dir, "variables");
	if (isFile(join(folder, "variables.index"))) return openBundle(folder);
	const shard = isFolder(folder)
		? listFolder(folder).find((name) => name.includes(".data-"))
		: undefined;
	if (shard !== undefined)
		throw fail(
			"NOT_READY",
			`cannot read the variables of ${dir}: it has ${shard} but no variables.index, the copy may not be finished`,
			{ at: { path: folder } },
		);
	return undefined;
}

/** Whether a signature reads a variable that is restored, so that the graph is of no use without its checkpoint. */
export function needsVariables(metaGraph: MetaGraphDef): boolean {
	const { graphDef, saverDef } = metaGraph;
	if (graphDef === undefined || saverDef === undefined) return false;
	const restored = traceRestore(graphDef, saverDef.restoreOpName);
	if (restored.length === 0) return false;
	const outputs = listSignatures(metaGraph).flatMap((signature) =>
		signature.outputs.map(({ tensorName }) => tensorName),
	);
	const { readers } = findUsage(graphDef, outputs);
	return restored.some(({ resource }) => readers.has(resource));
}

interface Source {
	readonly key: string;
	readonly region?: Region | undefined;
}

function restoredSources(
	{ saverDef }: MetaGraphDef,
	graph: GraphDef,
): Map<string, Source> {
	const restored = traceRestore(graph, saverDef?.restoreOpName ?? "");
	return new Map(
		restored.map(({ resource, key, region }) => [resource, { key, region }]),
	);
}

/** By resource, for those of the handles that a call of the main graph captures. */
function objectSources(
	{ graphDef, objectGraphDef }: MetaGraphDef,
	handles: ReadonlySet<string>,
	bundle: Bundle,
): Map<string, Source> {
	const sources = new Map<string, Source>();
	if (graphDef === undefined || objectGraphDef === undefined) return sources;
	const captured = capturedObjects(graphDef, objectGraphDef, handles);
	if (captured.size === 0) return sources;
	const keys = variableKeys(objectGraphDef, bundle);
	for (const node of graphDef.node) {
		const key = keys.get(captured.get(node.name) ?? -1);
		if (key !== undefined) sources.set(resourceOf(node), { key });
	}
	return sources;
}

/** Undefined for a type that mlship lacks: whoever needs the variable will say that it has no value. */
function makeVariable(
	bundle: Bundle,
	name: string,
	resource: string,
	{ key, region }: Source,
): Variable | undefined {
	const entry = bundle.entries.get(key);
	if (entry === undefined)
		throw fail(
			"CORRUPT",
			`cannot bind variable "${name}": the checkpoint has no "${key}", nearest are ${quoted(nearest(key, bundle.entries.keys()))}`,
			{ at: { node: name, key } },
		);
	const { dtype } = entry;
	if (dtype === undefined) return undefined;
	const shape = region === undefined ? entry.shape : regionShape(region);
	return {
		key,
		resource,
		dtype,
		shape,
		byteLength: elementCount(shape) * DTYPES[dtype].bytes,
		read: (reserve) => bundle.read(key, region, reserve),
	};
}
