import { toBinary } from "@bufbuild/protobuf";
import type { GraphDef } from "../../../gen/graph_pb.js";
import {
	CollectionDefSchema,
	type MetaGraphDef,
	MetaGraphDefSchema,
	SaverDefSchema,
	type SignatureDef,
} from "../../../gen/saved_model_pb.js";
import { fail } from "../../errors.js";
import { readWhole, statPath } from "../../formats/file.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { field, type Piece } from "../../formats/wire-pieces.js";
import {
	INIT_COLLECTION,
	initOperation,
} from "../../savedmodel/initialization.js";
import { DEFAULT_SIGNATURE } from "../../savedmodel/signature.js";
import { ENTRY, META_GRAPH } from "../../savedmodel/write/fields.js";
import type { GraphSource } from "../../savedmodel/write/model.js";
import { leaves, type NodePorts, nodeSignature } from "../node-ports.js";
import { parseReference } from "../scope.js";
import { partsOf } from "./frozen.js";

const META = ".meta";
const MAX_BYTES = 2 ** 31 - 1;

/**
 * A checkpoint of TensorFlow 1: `model.ckpt.meta`, which is the graph with its saver, and `model.ckpt.index` and its data
 * beside it, which become the SavedModel's variables. The signature is the graph's own if it has one, else that of `ports`.
 * Fails with INVALID where neither says what the model gives, with NOT_FOUND where the data are missing.
 */
export function readCheckpoint(path: string, ports: NodePorts): GraphSource {
	const meta = decodeMessage(
		MetaGraphDefSchema,
		readWhole(path, MAX_BYTES),
		path,
	);
	const { graphDef: graph, saverDef } = meta;
	if (graph === undefined || graph.node.length === 0)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`, {
			at: { file: path },
		});
	const checkpoint = path.slice(0, -META.length);
	if (statPath(`${checkpoint}.index`) === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot open ${checkpoint}.index: no such file; the graph's variables are in it`,
			{ at: { file: `${checkpoint}.index` } },
		);
	if (saverDef === undefined || saverDef.restoreOpName === "")
		throw fail(
			"UNSUPPORTED",
			`cannot export ${path}: its graph has no operation that restores variables`,
			{ at: { file: path } },
		);
	return {
		...partsOf(graph),
		signatures: signaturesOf(path, meta, graph, ports),
		checkpoint,
		initializers: tableInitializers(meta),
		extra: [
			...field(META_GRAPH.saver, [toBinary(SaverDefSchema, saverDef)]),
			...collections(meta),
		],
	};
}

function signaturesOf(
	path: string,
	meta: MetaGraphDef,
	graph: GraphDef,
	{ inputs, outputs }: NodePorts,
): Readonly<Record<string, SignatureDef>> {
	if (outputs !== undefined)
		return {
			[DEFAULT_SIGNATURE]: nodeSignature(graph, {
				inputs: inputs ?? placeholdersBehind(graph, outputs),
				outputs,
			}),
		};
	const own = Object.entries(meta.signatureDef);
	if (own.length > 0) return Object.fromEntries(own);
	const shown = leaves(graph).filter((name) => !/^(save|init)/.test(name));
	throw fail(
		"INVALID",
		`cannot export ${path}: its graph has no signature; nodes that nothing else uses are ${shown.slice(0, 8).join(", ")}`,
		{
			hint: "say what the model gives: --outputs NODE, and what it takes: --inputs NODE",
			at: { file: path },
		},
	);
}

/** What has to be fed for these outputs. */
function placeholdersBehind(
	{ node }: GraphDef,
	outputs: readonly string[],
): readonly string[] {
	const nodes = new Map(node.map((found) => [found.name, found]));
	const waiting = outputs.map((name) => parseReference(name).node);
	const seen = new Set<string>();
	for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
		if (seen.has(name)) continue;
		seen.add(name);
		for (const input of nodes.get(name)?.input ?? [])
			waiting.push(parseReference(input).node);
	}
	return node
		.filter(({ name, op }) => op === "Placeholder" && seen.has(name))
		.map(({ name }) => name);
}

/** What fills tables, which a session would be told to run. */
function tableInitializers(meta: MetaGraphDef): readonly string[] {
	if (initOperation(meta) !== undefined) return [];
	const kind = meta.collectionDef.table_initializer?.kind;
	return kind?.case === "nodeList" ? kind.value.value : [];
}

function collections(meta: MetaGraphDef): Piece[] {
	const hasInitializers = tableInitializers(meta).length > 0;
	return Object.entries(meta.collectionDef)
		.filter(([key]) => !(hasInitializers && key === INIT_COLLECTION))
		.flatMap(([key, collection]) =>
			field(META_GRAPH.collections, [
				...field(ENTRY.key, [Buffer.from(key)]),
				...field(ENTRY.value, [toBinary(CollectionDefSchema, collection)]),
			]),
		);
}
