import type { GraphDef, NodeDef } from "../../gen/graph_pb.js";
import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { fail, MlshipError } from "../errors.js";
import type { SavedModelFile } from "../savedmodel/read.js";
import {
	listSignatures,
	type Signature,
	type SignaturePort,
} from "../savedmodel/signature.js";
import type { Constant } from "../tensor/constant.js";
import { buildInitializer } from "./initializer.js";
import { ProgramBuilder, type Sink } from "./inline.js";
import type { Port, Program } from "./ir.js";
import {
	givenKey,
	graphScope,
	type Library,
	neededNodes,
	parseReference,
	readLibrary,
	type Scope,
} from "./scope.js";
import { changedResources, usedResources } from "./shared.js";
import { stateName } from "./state.js";

export interface BuildSource {
	/** Where its assets and its checkpoint are. */
	readonly model: SavedModelFile;
	readonly metaGraph: MetaGraphDef;
	readonly signature: Signature;
	/** Values of variables, by the name of the main graph's node that stands for them. */
	readonly variables: ReadonlyMap<string, Constant>;
}

/**
 * Makes a signature a self-contained Program: keeps what its outputs need, inlines function calls, binds variables. A
 * variable that some signature sets is an input, and an output where this one sets it.
 * Fails with CORRUPT where the graph contradicts itself, with UNSUPPORTED where it needs something from outside.
 */
export function buildProgram(source: BuildSource): Program {
	const { signature, metaGraph } = source;
	const graph = graphOf(metaGraph);
	const library = readLibrary(graph);
	const changing = changedBySignatures(source, library);
	const { builder, scope, sink, inputs } = inlineSignature(
		source,
		library,
		changing.variables,
	);
	const { state } = sink;
	const outputs = signature.outputs.map(
		({ name, tensorName, dtype, shape }): Port => ({
			name,
			value: builder.dereference(sink, builder.resolve(scope, tensorName)),
			dtype,
			shape,
		}),
	);
	const variables = [...state.handles.values()];
	const read = variables.filter(({ key }) => state.hasEntry(key));
	const written = variables.filter(({ key }) => state.written.has(key));
	const main = {
		inputs: [...inputs, ...read.map((handle) => state.entry(handle))],
		outputs: [...outputs, ...written.map((handle) => state.exit(handle))],
		nodes: sink.nodes,
	};
	const parts = [main, ...builder.functions.values()];
	const initializer = buildInitializer(source, parts);
	return {
		signature: signature.key,
		...main,
		functions: new Map([...builder.functions, ...initializer.functions]),
		initializer: initializer.graph,
		state: variables.map(({ key, initial }) => ({
			name: stateName(key),
			...(initial === undefined ? {} : { initial }),
		})),
		sharesResources: [...usedResources(parts)].some((resource) =>
			changing.resources.has(resource),
		),
	};
}

interface InlinedSignature {
	readonly builder: ProgramBuilder;
	readonly scope: Scope;
	readonly sink: Sink;
	readonly inputs: readonly Port[];
}

function inlineSignature(
	{ metaGraph, signature, variables }: BuildSource,
	library: Library,
	changing: ReadonlySet<string>,
): InlinedSignature {
	const graph = graphOf(metaGraph);
	const builder = new ProgramBuilder(library, variables, changing);
	const inputs = signature.inputs.map((port) => inputPort(port, graph.node));
	const given = new Map(
		inputs.map((port, i) => [
			givenKey(parseReference(signature.inputs[i].tensorName)),
			port.value,
		]),
	);
	const scope = graphScope(graph, given);
	const sink = builder.inlineGraph(
		scope,
		signature.outputs.map(({ tensorName }) => tensorName),
	);
	return { builder, scope, sink, inputs };
}

/** What some signature sets: variables by key, tables and queues by name. */
interface Changed {
	readonly variables: ReadonlySet<string>;
	readonly resources: ReadonlySet<string>;
}

const CHANGED = new WeakMap<MetaGraphDef, Changed>();

/** A signature that cannot be built changes nothing. */
function changedBySignatures(source: BuildSource, library: Library): Changed {
	const { metaGraph } = source;
	const known = CHANGED.get(metaGraph);
	if (known !== undefined) return known;
	const graph = graphOf(metaGraph);
	const setters = listSignatures(metaGraph).filter((signature) =>
		neededNodes(
			graphScope(graph, new Map()),
			signature.outputs.map(({ tensorName }) => tensorName),
			library,
		).some(library.hasEffect),
	);
	const found = setters.map((signature) =>
		changedBy({ ...source, signature }, library),
	);
	const changed = {
		variables: new Set(found.flatMap(({ variables }) => variables)),
		resources: new Set(found.flatMap(({ resources }) => resources)),
	};
	CHANGED.set(metaGraph, changed);
	return changed;
}

function changedBy(
	source: BuildSource,
	library: Library,
): {
	readonly variables: readonly string[];
	readonly resources: readonly string[];
} {
	try {
		const { builder, sink } = inlineSignature(source, library, new Set());
		const main = { inputs: [], outputs: [], nodes: sink.nodes };
		return {
			variables: [...builder.assigned],
			resources: changedResources([main, ...builder.functions.values()]),
		};
	} catch (error) {
		if (error instanceof MlshipError) return { variables: [], resources: [] };
		throw error;
	}
}

function graphOf(metaGraph: MetaGraphDef): GraphDef {
	if (metaGraph.graphDef !== undefined) return metaGraph.graphDef;
	throw fail("CORRUPT", "cannot build a program: the SavedModel has no graph");
}

/**
 * A fed placeholder keeps its own shape. TensorFlow lets any other tensor be fed too, and with any shape: the signature's
 * is then only a hint.
 */
function inputPort(
	{ name, tensorName, dtype, shape }: SignaturePort,
	nodes: readonly NodeDef[],
): Port {
	const reference = parseReference(tensorName);
	const fed = nodes.find((node) => node.name === reference.node);
	if (fed === undefined)
		throw fail(
			"CORRUPT",
			`cannot find the node of input "${name}": the signature says "${tensorName}"`,
			{ at: { input: name } },
		);
	const isPlaceholder =
		fed.op === "Placeholder" || fed.op === "PlaceholderWithDefault";
	return {
		name,
		value: `input:${name}`,
		dtype,
		shape: isPlaceholder ? shape : undefined,
	};
}
