import { basename, dirname } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
	type GraphDef,
	GraphDefSchema,
	type NodeDef,
} from "../../../gen/graph_pb.js";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
	TensorInfoSchema,
} from "../../../gen/saved_model_pb.js";
import { fail } from "../../errors.js";
import { isFile, readWhole } from "../../formats/file.js";
import { decodeMessage } from "../../formats/protobuf.js";
import { readAttrs } from "../../graph/attr-values.js";
import { parseReference } from "../../graph/scope.js";
import { nearest, quoted } from "../../nearest.js";
import { opDef, outputTypes } from "../../ops/opdef.js";
import { SAVED_MODEL_FILES, SERVE_TAG } from "../../savedmodel/read.js";
import { DEFAULT_SIGNATURE } from "../../savedmodel/signature.js";
import { DTYPES } from "../../tensor/dtype.js";

export interface FrozenGraphOptions {
	/** Names of tensors, `x` or `x:0`; all placeholders without them. */
	readonly inputs?: readonly string[] | undefined;
	/** The same; without them all nodes that nothing else uses. */
	readonly outputs?: readonly string[] | undefined;
}

/** A graph of TensorFlow 1 with its weights in it, with the face of a SavedModel. */
export interface FrozenGraph {
	readonly dir: string;
	readonly file: string;
	readonly metaGraphs: readonly [MetaGraphDef];
}

/** Whether a path is the file of a frozen graph. */
export function isFrozenGraph(path: string): boolean {
	return (
		path.endsWith(".pb") &&
		!SAVED_MODEL_FILES.includes(basename(path)) &&
		isFile(path)
	);
}

/** Protobuf's own limit of a message. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads a GraphDef whose variables are constants. Its only signature is `serving_default`, whose names are those of nodes. Fails
 * with CORRUPT for bytes that are no graph, with INVALID for names that it does not have.
 */
export function readFrozenGraph(
	path: string,
	{ inputs, outputs }: FrozenGraphOptions,
): FrozenGraph {
	const graph = decodeMessage(GraphDefSchema, readWhole(path, MAX_BYTES), path);
	if (graph.node.length === 0)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`, {
			at: { file: path },
		});
	const nodes = new Map(graph.node.map((node) => [node.name, node]));
	const infos = (side: string, names: readonly string[]) =>
		Object.fromEntries(
			names.map((name) => [name.replace(/:0$/, ""), infoOf(side, name, nodes)]),
		);
	const metaGraph = create(MetaGraphDefSchema, {
		metaInfoDef: { tags: [SERVE_TAG] },
		graphDef: graph,
		signatureDef: {
			[DEFAULT_SIGNATURE]: {
				methodName: "tensorflow/serving/predict",
				inputs: infos("input", inputs ?? placeholders(graph)),
				outputs: infos("output", outputs ?? leaves(graph)),
			},
		},
	});
	return { dir: dirname(path), file: basename(path), metaGraphs: [metaGraph] };
}

function placeholders({ node }: GraphDef): readonly string[] {
	return node
		.filter(({ op }) => op.startsWith("Placeholder"))
		.map(({ name }) => name);
}

function leaves({ node }: GraphDef): readonly string[] {
	const used = new Set(
		node.flatMap(({ input }) => input.map((value) => nodeOf(value))),
	);
	return node
		.filter(({ name, op }) => !used.has(name) && !NO_VALUE.has(op))
		.map(({ name }) => name);
}

/** What a graph ends in without giving anything. */
const NO_VALUE: ReadonlySet<string> = new Set(["NoOp", "Const", "Assert"]);

/** `conv` of `conv:1` and of `^conv`. */
function nodeOf(value: string): string {
	return parseReference(value.replace(/^\^/, "")).node;
}

function infoOf(
	side: string,
	name: string,
	nodes: ReadonlyMap<string, NodeDef>,
) {
	const { node: wanted, index = 0 } = parseReference(name);
	const node = nodes.get(wanted);
	if (node === undefined)
		throw fail(
			"INVALID",
			`cannot find ${side} "${name}": nearest of the graph's nodes are ${quoted(nearest(wanted, nodes.keys()))}`,
			{ at: { [side]: name } },
		);
	const definition = opDef(node.op);
	const types =
		definition === undefined
			? []
			: outputTypes(definition, readAttrs(node, definition, {}));
	const shape = node.attr.shape?.value;
	return create(TensorInfoSchema, {
		encoding: { case: "name", value: `${wanted}:${index}` },
		dtype: DTYPES[types[index] ?? "float32"].tf,
		tensorShape: shape?.case === "shape" ? shape.value : { unknownRank: true },
	});
}
