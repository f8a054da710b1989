import { dirname, join } from "node:path";
import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
	AttrValueSchema,
	type FunctionDef,
	type GraphDef,
	GraphDefSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../gen/graph_pb.js";
import {
	type SignatureDef,
	SignatureDefSchema,
	TensorInfoSchema,
} from "../../gen/saved_model_pb.js";
import { fail, type MlshipError } from "../errors.js";
import { isFile, readWhole } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { leaves, type NodePorts, nodeSignature } from "../graph/node-ports.js";
import {
	isList,
	isObject,
	type Json,
	type JsonObject,
	MAX_CONFIG_BYTES,
	parseConfig,
} from "../keras/json.js";
import { DEFAULT_SIGNATURE, INIT_SIGNATURE } from "../savedmodel/signature.js";
import type { GraphSource } from "../savedmodel/write/model.js";
import type { Constant } from "../tensor/constant.js";
import { convertTensor } from "../tensor/convert.js";
import { DTYPES, type DType, dtypeFromNumber } from "../tensor/dtype.js";
import { tensorToProto } from "../tensor/proto.js";
import { counted } from "./counts.js";
import { unfused } from "./fused.js";
import { readManifest } from "./manifest.js";
import { graphJson } from "./topology.js";

/** Beside `tensorflowjs_model.pb`, as converters before 1.0 wrote it. */
const OLD_MANIFEST = "weights_manifest.json";

/** Protobuf's own limit of a message. */
const MAX_BYTES = 2 ** 31 - 1;

/** Whether a file is a `model.json` with a graph, or the graph of an older converter. */
export function isGraphModel(path: string): boolean {
	if (path.endsWith(".pb")) return isFile(join(dirname(path), OLD_MANIFEST));
	const { modelTopology } = readConfig(path);
	return isObject(modelTopology) && isList(modelTopology.node);
}

/** Whether a `model.json` holds layers, as both TensorFlow.js and Keras write them. */
export function isLayersModel(path: string): boolean {
	const { modelTopology, class_name, model_config } = readConfig(path);
	return (
		isObject(modelTopology) ||
		isObject(model_config) ||
		class_name !== undefined
	);
}

function readConfig(path: string): JsonObject {
	const text = Buffer.from(readWhole(path, MAX_CONFIG_BYTES)).toString();
	return parseConfig(text, path);
}

/**
 * Reads a graph model of TensorFlow.js as the graph of TensorFlow that it was made of: `model.json`, or
 * `tensorflowjs_model.pb` of converters before 1.0. Weights are read one at a time when they are written. Fails with CORRUPT, and
 * with UNSUPPORTED for operations that TensorFlow has no form of.
 */
export function readGraphModel(path: string, ports: NodePorts): GraphSource {
	return path.endsWith(".pb") ? readOld(path, ports) : readNew(path, ports);
}

function readNew(path: string, ports: NodePorts): GraphSource {
	const json = readConfig(path);
	const graph = parseGraph(path, json.modelTopology);
	const weights = weightsOf(path, json.weightsManifest);
	const signature = signatureIn(json);
	if (signature === undefined || (ports.inputs ?? ports.outputs) !== undefined)
		return graphSource(graph, weights, nodeSignature(graph, ports));
	const initializer = isObject(json.modelInitializer)
		? parseGraph(path, json.modelInitializer)
		: undefined;
	const tables = joinTables(graph, initializer, {
		inputs: signature.inputs,
		outputs: isObject(json.initializerSignature)
			? json.initializerSignature.outputs
			: undefined,
	});
	const parsed = parseSignature(path, signature, structuredKeys(json));
	return graphSource(tables, weights, parsed, initializer !== undefined);
}

function readOld(path: string, ports: NodePorts): GraphSource {
	const graph = decodeMessage(GraphDefSchema, readWhole(path, MAX_BYTES), path);
	const manifest = join(dirname(path), OLD_MANIFEST);
	const text = Buffer.from(readWhole(manifest, MAX_CONFIG_BYTES)).toString();
	// a list by itself
	const { weights } = parseConfig(`{"weights":${text}}`, manifest);
	const signature = nodeSignature(graph, ports);
	return graphSource(graph, weightsOf(manifest, weights), signature);
}

function parseGraph(path: string, topology: Json | undefined): GraphDef {
	try {
		return fromJson(GraphDefSchema, graphJson(topology) as JsonValue, {
			ignoreUnknownFields: true,
		});
	} catch (cause) {
		throw broken(path, cause instanceof Error ? cause.message : "", cause);
	}
}

function weightsOf(
	path: string,
	manifest: Json | undefined,
): ReadonlyMap<string, Constant> {
	return new Map(
		readManifest(path, manifest).map(({ name, constant }) => [name, constant]),
	);
}

/** Older converters wrote it among what users added. */
function signatureIn(json: JsonObject): JsonObject | undefined {
	const added = json.userDefinedMetadata;
	for (const found of [json.signature, isObject(added) && added.signature])
		if (isObject(found) && isObject(found.outputs)) return found;
	return undefined;
}

/** Names that outputs have in the order of the signature, where the converter kept those of TensorFlow. */
function structuredKeys(json: JsonObject): readonly string[] | undefined {
	const added = json.userDefinedMetadata;
	const keys = isObject(added) ? added.structuredOutputKeys : undefined;
	return isList(keys) && keys.every((key) => typeof key === "string")
		? keys
		: undefined;
}

function parseSignature(
	path: string,
	{ inputs, outputs }: JsonObject,
	keys: readonly string[] | undefined,
): SignatureDef {
	const infos = (
		ports: Json | undefined,
		names: readonly string[] | undefined,
	) => {
		const entries = isObject(ports) ? Object.entries(ports) : [];
		return Object.fromEntries(
			entries
				.filter(([, info]) => !isResource(info))
				.map(([name, info], i) => [
					names?.length === entries.length ? names[i] : name,
					parseInfo(path, info),
				]),
		);
	};
	return create(SignatureDefSchema, {
		methodName: "tensorflow/serving/predict",
		inputs: infos(inputs, undefined),
		outputs: infos(outputs, keys),
	});
}

/** A table, which the initializer makes. */
function isResource(info: Json | undefined): info is JsonObject {
	return isObject(info) && info.resourceId !== undefined;
}

function parseInfo(path: string, info: Json | undefined) {
	try {
		const parsed = fromJson(TensorInfoSchema, info as JsonValue, {
			ignoreUnknownFields: true,
		});
		const { encoding } = parsed;
		if (encoding.case === "name" && !encoding.value.includes(":"))
			parsed.encoding = { case: "name", value: `${encoding.value}:0` };
		return parsed;
	} catch (cause) {
		throw broken(path, cause instanceof Error ? cause.message : "", cause);
	}
}

interface TablePorts {
	readonly inputs: Json | undefined;
	readonly outputs: Json | undefined;
}

const INITIALIZER = "initializer";

/** One graph: what takes a table takes what the initializer makes of that number. */
function joinTables(
	graph: GraphDef,
	initializer: GraphDef | undefined,
	{ inputs, outputs }: TablePorts,
): GraphDef {
	if (initializer === undefined) return graph;
	const made = new Map(
		resources(outputs).map(({ id, node }) => [id, `${INITIALIZER}/${node}`]),
	);
	const tables = new Map(
		resources(inputs).map(({ id, node }) => [node, made.get(id)]),
	);
	const joined = graph.node
		.filter(({ name }) => tables.get(name) === undefined)
		.map((node) => ({
			...node,
			input: node.input.map((name) => tables.get(bare(name)) ?? name),
		}));
	const filling = initializer.node.map((node) => ({
		...node,
		name: `${INITIALIZER}/${node.name}`,
		input: node.input.map((name) =>
			name.startsWith("^")
				? `^${INITIALIZER}/${name.slice(1)}`
				: `${INITIALIZER}/${name}`,
		),
	}));
	const whole = create(NodeDefSchema, {
		name: INIT_SIGNATURE,
		op: "NoOp",
		input: leaves({ node: filling }).map((name) => `^${name}`),
	});
	return { ...graph, node: [...joined, ...filling, whole] };
}

function bare(name: string): string {
	return name.replace(/:0$/, "");
}

function resources(
	ports: Json | undefined,
): readonly { readonly id: string; readonly node: string }[] {
	return Object.values(isObject(ports) ? ports : {})
		.filter(isResource)
		.map(({ resourceId, name }) => ({
			id: String(resourceId),
			node: bare(String(name)),
		}));
}

function graphSource(
	graph: GraphDef,
	weights: ReadonlyMap<string, Constant>,
	signature: SignatureDef,
	hasTables = false,
): GraphSource {
	const constants = new Map<string, Constant>();
	const nodes = graph.node.flatMap((node) => {
		const constant = weightOf(node, weights);
		if (constant === undefined) return unfused(counted(node));
		constants.set(node.name, constant);
		return [withoutValue(node, constant.dtype)];
	});
	const init = create(SignatureDefSchema, {
		outputs: {
			[INIT_SIGNATURE]: { encoding: { case: "name", value: INIT_SIGNATURE } },
		},
	});
	return {
		nodes,
		constants,
		functions: (graph.library?.function ?? []).map((body) =>
			functionWith(body, weights),
		),
		signatures: {
			[DEFAULT_SIGNATURE]: signature,
			...(hasTables ? { [INIT_SIGNATURE]: init } : {}),
		},
	};
}

/** What a node without its value stands for, in the type that the node has: TensorFlow.js keeps others in fewer. */
function weightOf(
	{ name, attr }: NodeDef,
	weights: ReadonlyMap<string, Constant>,
): Constant | undefined {
	const found =
		weights.get(name) ??
		(name.startsWith(`${INITIALIZER}/`)
			? weights.get(name.slice(INITIALIZER.length + 1))
			: undefined);
	const declared = attr.dtype?.value;
	if (found === undefined || declared?.case !== "type") return found;
	return inType(found, dtypeFromNumber(declared.value));
}

function inType(constant: Constant, dtype: DType): Constant {
	if (dtype === constant.dtype || DTYPES[dtype].bytes === 0) return constant;
	const count = constant.byteLength / DTYPES[constant.dtype].bytes;
	return {
		dtype,
		shape: constant.shape,
		byteLength: count * DTYPES[dtype].bytes,
		read: () => convertTensor(constant.read(), dtype),
	};
}

function withoutValue(node: NodeDef, dtype: DType): NodeDef {
	const { value: _, ...attr } = node.attr;
	const type = create(AttrValueSchema, {
		value: { case: "type", value: DTYPES[dtype].tf },
	});
	return create(NodeDefSchema, { ...node, attr: { ...attr, dtype: type } });
}

/** Constants of a function have their values in it: the names of weights begin with the function's. */
function functionWith(
	body: FunctionDef,
	weights: ReadonlyMap<string, Constant>,
): FunctionDef {
	return {
		...body,
		nodeDef: body.nodeDef.flatMap((node) => {
			const constant =
				weightOf(node, weights) ??
				weights.get(`${body.signature?.name}/${node.name}`);
			if (constant === undefined) return unfused(counted(node));
			const held = withoutValue(node, constant.dtype);
			const value = create(AttrValueSchema, {
				value: { case: "tensor", value: tensorToProto(constant.read()) },
			});
			return [{ ...held, attr: { ...held.attr, value } }];
		}),
	};
}

function broken(path: string, reason: string, cause: unknown): MlshipError {
	return fail("CORRUPT", `cannot read the graph of ${path}: ${reason}`, {
		at: { file: path },
		cause,
	});
}
