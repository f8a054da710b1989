import type { NodeDef } from "../../gen/graph_pb.js";
import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import type { SavedModelFile } from "../savedmodel/read.js";
import type { Signature, SignaturePort } from "../savedmodel/signature.js";
import type { Constant } from "../tensor/constant.js";
import { buildInitializer } from "./initializer.js";
import { ProgramBuilder } from "./inline.js";
import type { Port, Program } from "./ir.js";
import { givenKey, graphScope, parseReference, readLibrary } from "./scope.js";

export interface BuildSource {
	/** Where its assets and its checkpoint are. */
	readonly model: SavedModelFile;
	readonly metaGraph: MetaGraphDef;
	readonly signature: Signature;
	/** Values of variables, by the name of the main graph's node that stands for them. */
	readonly variables: ReadonlyMap<string, Constant>;
}

/**
 * Makes a signature a self-contained Program: keeps what its outputs need, inlines function calls, binds variables.
 * Fails with CORRUPT where the graph contradicts itself, with UNSUPPORTED where it needs something from outside.
 */
export function buildProgram(source: BuildSource): Program {
	const { metaGraph, signature, variables } = source;
	const graph = metaGraph.graphDef;
	if (graph === undefined)
		throw fail(
			"CORRUPT",
			"cannot build a program: the SavedModel has no graph",
		);
	const builder = new ProgramBuilder(readLibrary(graph), variables);
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
	const outputs = signature.outputs.map(
		({ name, tensorName, dtype, shape }): Port => ({
			name,
			value: builder.resolve(scope, tensorName),
			dtype,
			shape,
		}),
	);
	const main = { inputs, outputs, nodes: sink.nodes };
	const initializer = buildInitializer(source, [
		main,
		...builder.functions.values(),
	]);
	return {
		signature: signature.key,
		...main,
		functions: new Map([...builder.functions, ...initializer.functions]),
		initializer: initializer.graph,
	};
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
