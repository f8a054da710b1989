import { resolve } from "node:path";
import type { GraphDef } from "../../gen/graph_pb.js";
import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { assetFiles } from "../savedmodel/assets.js";
import { initOperation } from "../savedmodel/initialization.js";
import type { SavedModelFile } from "../savedmodel/read.js";
import { resourceOf, TABLE_OPS } from "../savedmodel/restore.js";
import { type StoredTable, storedTables } from "../savedmodel/tables.js";
import type { Constant } from "../tensor/constant.js";
import { emptySink, ProgramBuilder, type Sink } from "./inline.js";
import { type Graph, NO_INITIALIZER, type Node, type ValueName } from "./ir.js";
import { givenKey, graphScope, parseReference, readLibrary } from "./scope.js";
import { tableOf } from "./shared.js";

export interface InitializerSource {
	readonly model: SavedModelFile;
	readonly metaGraph: MetaGraphDef;
	readonly variables: ReadonlyMap<string, Constant>;
}

export interface Initializer {
	readonly graph: Graph;
	/** Bodies of its control flow. */
	readonly functions: ReadonlyMap<string, Graph>;
}

/** The attribute of what reads an asset that names the folder of them: no other file is opened. */
export const ASSETS_ATTR = "_assets";

/**
 * What fills the tables that these graphs use, as a loader does it: from the checkpoint first, then by the operation that
 * initializes the model. Assets are bound to the paths of their files.
 */
export function buildInitializer(
	{ model, metaGraph, variables }: InitializerSource,
	graphs: readonly Graph[],
): Initializer {
	const used = new Set(graphs.flatMap(({ nodes }) => nodes.flatMap(tableOf)));
	const graph = metaGraph.graphDef;
	if (used.size === 0 || graph === undefined)
		return { graph: NO_INITIALIZER, functions: new Map() };
	const assets = assetConstants(model, metaGraph);
	const builder = new ProgramBuilder(
		readLibrary(graph, FILLING_OPS),
		new Map([...variables, ...assetVariables(graph, assets)]),
	);
	const sink = emptySink("");
	for (const table of storedTables(model, metaGraph))
		addImport(builder, sink, graph, table);
	const given = new Map(
		[...assets].map(([name, path]) => [
			name,
			builder.constant(sink, `asset/${name}`, path),
		]),
	);
	const operation = initOperation(metaGraph);
	if (operation !== undefined)
		builder.inlineGraph(
			graphScope(graph, given),
			[`^${operation.replace(/:0$/, "")}`],
			sink,
		);
	const folder = resolve(model.dir, "assets");
	const nodes = neededFor(used, sink.nodes).map((node) =>
		FILE_OPS.has(node.op)
			? { ...node, attrs: { ...node.attrs, [ASSETS_ATTR]: folder } }
			: node,
	);
	return {
		graph: { inputs: [], outputs: [], nodes },
		functions: builder.functions,
	};
}

const FILE_OPS: ReadonlySet<string> = new Set([
	"InitializeTableFromTextFile",
	"InitializeTableFromTextFileV2",
]);

const ASSIGN_OPS: ReadonlySet<string> = new Set(["AssignVariableOp", "Assign"]);

/** What fills tables; whatever else a loader runs has been done already, or changes nothing that a signature reads. */
const FILLING_OPS: ReadonlySet<string> = new Set([
	...FILE_OPS,
	"InitializeTable",
	"InitializeTableV2",
	"LookupTableImport",
	"LookupTableImportV2",
	"LookupTableInsert",
	"LookupTableInsertV2",
]);

function addImport(
	builder: ProgramBuilder,
	sink: Sink,
	graph: GraphDef,
	{ resource, keys, values }: StoredTable,
): void {
	const node = graph.node.find(
		(candidate) =>
			TABLE_OPS.has(candidate.op) && resourceOf(candidate) === resource,
	);
	if (node === undefined) return;
	const scope = graphScope(graph, new Map());
	builder.inlineGraph(scope, [node.name], sink);
	const name = `${node.name}/restored`;
	builder.add(
		sink,
		name,
		"LookupTableImportV2",
		[
			builder.resolve(scope, node.name),
			builder.constant(sink, `${name}/keys`, keys),
			builder.constant(sink, `${name}/values`, values),
		],
		{ Tin: keys.dtype, Tout: values.dtype },
		0,
	);
}

/** The paths of assets by the name of the tensor that is fed with one. */
function assetConstants(
	model: SavedModelFile,
	metaGraph: MetaGraphDef,
): ReadonlyMap<string, Constant> {
	const files = [...assetFiles(model, metaGraph)];
	return new Map(
		files.map(([tensorName, path]) => [
			givenKey(parseReference(tensorName)),
			textConstant(path),
		]),
	);
}

/** TensorFlow 2 keeps the path of an asset in a variable, which only the main graph assigns. */
function assetVariables(
	graph: GraphDef,
	assets: ReadonlyMap<string, Constant>,
): ReadonlyMap<string, Constant> {
	return new Map(
		graph.node.flatMap(({ op, input }) => {
			const path = ASSIGN_OPS.has(op) ? assets.get(input[1]) : undefined;
			return path === undefined ? [] : [[input[0], path] as const];
		}),
	);
}

function textConstant(text: string): Constant {
	const bytes = new TextEncoder().encode(text);
	return {
		dtype: "string",
		shape: [],
		byteLength: bytes.length,
		read: () => ({ dtype: "string", shape: [], data: [bytes] }),
	};
}

/** The nodes that fill `used` tables, and tables that those are filled from, with all that they need. */
function neededFor(
	used: ReadonlySet<string>,
	nodes: readonly Node[],
): readonly Node[] {
	const tables = new Set(used);
	for (;;) {
		const kept = reachable(tables, nodes);
		const found = kept.flatMap(tableOf).filter((table) => !tables.has(table));
		if (found.length === 0) return kept;
		for (const table of found) tables.add(table);
	}
}

function reachable(
	tables: ReadonlySet<string>,
	nodes: readonly Node[],
): readonly Node[] {
	const handles = new Set<ValueName>(
		nodes
			.filter((node) => tableOf(node).some((table) => tables.has(table)))
			.map(({ outputs }) => outputs[0]),
	);
	const needed = new Set<ValueName>();
	return nodes
		.toReversed()
		.filter((node) => {
			const fills =
				node.outputs.length === 0 || FILLING_OPS.has(node.op)
					? node.inputs.some((input) => handles.has(input))
					: node.outputs.some((output) => needed.has(output));
			if (fills) for (const input of node.inputs) needed.add(input);
			return fills;
		})
		.reverse();
}
