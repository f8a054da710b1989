import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type FunctionDef,
	FunctionDefLibrarySchema,
	type NodeDef,
	NodeDefSchema,
	VersionDefSchema,
} from "../../../gen/graph_pb.js";
import {
	CollectionDefSchema,
	MetaGraphDef_MetaInfoDefSchema,
	type SignatureDef,
	SignatureDefSchema,
} from "../../../gen/saved_model_pb.js";
import {
	TensorProtoSchema,
	TensorShapeProtoSchema,
} from "../../../gen/tensor_pb.js";
import { asMlshipError, fail } from "../../errors.js";
import {
	field,
	type Piece,
	sizeOf,
	varintField,
} from "../../formats/wire-pieces.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES } from "../../tensor/dtype.js";
import { tensorToProto } from "../../tensor/proto.js";
import { tensorBytes } from "../../tensor/tensor.js";
import { INIT_COLLECTION } from "../initialization.js";
import { SERVE_TAG } from "../read.js";
import { INIT_SIGNATURE } from "../signature.js";
import { copyBundle, writeBundle } from "./bundle.js";
import {
	ATTR_VALUE,
	ENTRY,
	GRAPH,
	META_GRAPH,
	NODE,
	SAVED_MODEL,
	TENSOR,
} from "./fields.js";
import { writePieces } from "./pieces.js";
import { type Weight, withVariables } from "./variables.js";

/** A graph that is written as TensorFlow 1 writes it: all loaders know it (cc/saved_model/loader.cc, load_v1_in_v2.py). */
export interface GraphSource {
	/** In order; the value of a `Const` may be left out where `constants` has it. */
	readonly nodes: readonly NodeDef[];
	/** Values of constants by their nodes' names, read one at a time. */
	readonly constants: ReadonlyMap<string, Constant>;
	readonly functions: readonly FunctionDef[];
	/** Nodes that a loader runs once, which fill tables. */
	readonly initializers?: readonly string[];
	readonly signatures: Readonly<Record<string, SignatureDef>>;
	/** Which of the constants are weights of a network, and may be variables. */
	readonly weights?: ReadonlyMap<string, Weight>;
	/** A checkpoint that has the variables of the graph's own saver: what its files' names begin with. */
	readonly checkpoint?: string;
	/** The version of TensorFlow's graphs that it was written as, where it was not made here. */
	readonly producer?: number;
	/** Further fields of MetaGraphDef, encoded. */
	readonly extra?: readonly Piece[];
}

/** What wrote graphs when functions and resource variables were new: every later consumer takes it. */
const PRODUCER = 27;

/** saved_model.pb as pieces, so that its size is known before a weight is read. */
export function savedModelPieces(source: GraphSource): Piece[] {
	const info = create(MetaGraphDef_MetaInfoDefSchema, {
		tags: [SERVE_TAG],
		tensorflowVersion: "2.0.0",
		strippedDefaultAttrs: true,
	});
	const initialization = initializationOf(source.initializers ?? []);
	const versions = create(VersionDefSchema, {
		producer: source.producer ?? PRODUCER,
	});
	const library = create(FunctionDefLibrarySchema, {
		function: [...source.functions],
	});
	const graph = [
		...[...source.nodes, ...initialization.nodes].flatMap((node) =>
			field(GRAPH.node, nodePieces(node, source.constants.get(node.name))),
		),
		...field(GRAPH.library, [toBinary(FunctionDefLibrarySchema, library)]),
		...field(GRAPH.versions, [toBinary(VersionDefSchema, versions)]),
	];
	const metaGraph = [
		...field(META_GRAPH.info, [toBinary(MetaGraphDef_MetaInfoDefSchema, info)]),
		...field(META_GRAPH.graph, graph),
		...Object.entries({
			...source.signatures,
			...initialization.signatures,
		}).flatMap(([key, signature]) =>
			field(META_GRAPH.signatures, [
				...field(ENTRY.key, [Buffer.from(key)]),
				...field(ENTRY.value, [toBinary(SignatureDefSchema, signature)]),
			]),
		),
		...initialization.collections,
		...(source.extra ?? []),
	];
	return [
		...varintField(SAVED_MODEL.schemaVersion, 1),
		...field(SAVED_MODEL.metaGraphs, metaGraph),
	];
}

/** The operation that a loader runs, under the names by which the newer and the older ones find it (cc/saved_model/loader_util.cc). */
function initializationOf(initializers: readonly string[]): {
	readonly nodes: readonly NodeDef[];
	readonly signatures: Readonly<Record<string, SignatureDef>>;
	readonly collections: readonly Piece[];
} {
	if (initializers.length === 0)
		return { nodes: [], signatures: {}, collections: [] };
	const input = initializers.map((name) => `^${name}`);
	const collection = create(CollectionDefSchema, {
		kind: { case: "nodeList", value: { value: [INIT_NODE] } },
	});
	return {
		nodes: [create(NodeDefSchema, { name: INIT_NODE, op: "NoOp", input })],
		signatures: {
			[INIT_SIGNATURE]: create(SignatureDefSchema, {
				outputs: {
					[INIT_SIGNATURE]: {
						encoding: { case: "name", value: INIT_NODE },
						tensorShape: { unknownRank: true },
					},
				},
			}),
		},
		collections: field(META_GRAPH.collections, [
			...field(ENTRY.key, [Buffer.from(INIT_COLLECTION)]),
			...field(ENTRY.value, [toBinary(CollectionDefSchema, collection)]),
		]),
	};
}

const INIT_NODE = "init_all_tables";

export interface WriteOptions {
	/** Weights as variables in a bundle beside the graph, not as its constants; where they are too large for that without it. */
	readonly variables?: boolean | undefined;
}

/**
 * Writes `saved_model.pb` into a folder, and `variables/` where weights are variables. Fails with UNSUPPORTED where the graph
 * itself would be too large.
 */
export function writeSavedModel(
	dir: string,
	source: GraphSource,
	{ variables = false }: WriteOptions = {},
): void {
	const { weights = new Map() } = source;
	const plain = savedModelPieces(source);
	const isLarge = sizeOf(plain) > MAX_BYTES;
	if (weights.size > 0 && (variables || isLarge)) {
		const changed = withVariables(source.nodes, source.constants, weights);
		const pieces = savedModelPieces({
			...source,
			nodes: changed.nodes,
			constants: changed.constants,
			extra: [...changed.fields, ...(source.extra ?? [])],
		});
		writeGraph(dir, pieces);
		writeBundle(join(dir, "variables"), changed.values);
		return;
	}
	writeGraph(dir, plain);
	if (source.checkpoint !== undefined)
		copyBundle(source.checkpoint, join(dir, "variables"));
}

/** Below protobuf's own limit of 2 GB. */
const MAX_BYTES = 1.9e9;

function writeGraph(dir: string, pieces: readonly Piece[]): void {
	const size = sizeOf(pieces);
	if (size > MAX_BYTES)
		throw fail(
			"UNSUPPORTED",
			`cannot write a SavedModel of ${size} bytes with its weights in the graph: ${MAX_BYTES} at most`,
		);
	try {
		mkdirSync(dir, { recursive: true });
	} catch (error) {
		throw asMlshipError(error);
	}
	writePieces(join(dir, "saved_model.pb"), pieces);
}

function nodePieces(node: NodeDef, constant: Constant | undefined): Piece[] {
	const head = toBinary(NodeDefSchema, node);
	if (constant === undefined) return [head];
	const value = field(ATTR_VALUE.tensor, tensorPieces(constant));
	return [
		head,
		...field(NODE.attr, [
			...field(ENTRY.key, [Buffer.from("value")]),
			...field(ENTRY.value, value),
		]),
	];
}

/** A TensorProto: numbers as raw bytes, read when they are written. */
function tensorPieces(constant: Constant): Piece[] {
	const { dtype, shape, byteLength } = constant;
	if (DTYPES[dtype].kind === "string")
		return [toBinary(TensorProtoSchema, tensorToProto(constant.read()))];
	const shapeProto = create(TensorShapeProtoSchema, {
		dim: shape.map((size) => ({ size: BigInt(size) })),
	});
	return [
		...varintField(TENSOR.dtype, DTYPES[dtype].tf),
		...field(TENSOR.shape, [toBinary(TensorShapeProtoSchema, shapeProto)]),
		...field(TENSOR.content, [
			{ byteLength, read: () => tensorBytes(constant.read()) },
		]),
	];
}
