import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { GraphDefSchema } from "../../gen/graph_pb.js";
import type {
	MetaGraphDef,
	SignatureDef,
	TensorInfo,
} from "../../gen/saved_model_pb.js";
import { statPath } from "../formats/file.js";
import {
	dataTypeName,
	dtypeFromNumber,
	isDTypeNumber,
} from "../tensor/dtype.js";
import type { Shape } from "../tensor/tensor.js";
import { assetNames } from "./assets.js";
import type { Bundle } from "./bundle.js";
import { type LayerSummary, listLayers } from "./layers.js";
import {
	countOps,
	type FunctionSummary,
	listFunctions,
	type OpCount,
} from "./ops-summary.js";
import { findMetaGraph, readSavedModel, tagsOf } from "./read.js";
import {
	byBytes,
	requireKey,
	shapeFromProto,
	signatureKeys,
} from "./signature.js";
import { findUsage } from "./usage.js";
import { bindToBundle, openVariables } from "./variables.js";
import {
	type ConstantsSummary,
	countConstants,
	listWeights,
	type WeightSummary,
} from "./weights.js";

/** What a SavedModel takes, gives and is made of, as plain data; no weight is read for it. */
export interface ModelSummary {
	readonly dir: string;
	/** `saved_model.pb`. */
	readonly file: string;
	/** Bytes of that file. */
	readonly byteLength: number;
	readonly metaGraphs: readonly MetaGraphSummary[];
	/** Undefined for a model without variables. */
	readonly checkpoint: CheckpointSummary | undefined;
	/** Of an ONNX file. */
	readonly onnx?: OnnxFacts;
	/** Of a file of TensorFlow Lite. */
	readonly lite?: LiteFacts;
}

export interface LiteFacts {
	/** Of the schema. */
	readonly version: number;
	/** `MLIR Converted.`; may be empty. */
	readonly producer: string;
	/** The release of TensorFlow that has all its operators, as the file says; may be empty. */
	readonly runtime: string;
	readonly graphs: number;
	/** Ports whose integers stand for real numbers: scale · (integer - zeroPoint). */
	readonly quantized: readonly {
		readonly signature: string;
		readonly port: string;
		readonly scale: number;
		readonly zeroPoint: number;
	}[];
}

export interface OnnxFacts {
	readonly irVersion: number;
	/** Versions of operator sets by their domain; `ai.onnx` is ONNX's own. */
	readonly opsets: Readonly<Record<string, number>>;
	/** `pytorch 2.4.0`; may be empty. */
	readonly producer: string;
	/** Outputs that no caller gets, and what they are. */
	readonly leftOut: readonly {
		readonly name: string;
		readonly reason: string;
	}[];
}

export interface CheckpointSummary {
	/** Everything in it, also what no signature reads: state of optimizers, second copies, counters. */
	readonly tensors: number;
	readonly byteLength: number;
	readonly shards: number;
}

export interface MetaGraphSummary {
	readonly tags: readonly string[];
	/** Of the program that wrote it; may be empty. */
	readonly tensorflowVersion: string;
	/** Sorted by key, without the initializer's. */
	readonly signatures: readonly SignatureSummary[];
	/** The most frequent first. */
	readonly ops: readonly OpCount[];
	/** Of the main graph. */
	readonly nodes: number;
	readonly functions: readonly FunctionSummary[];
	/** Variables that the signatures read, the largest first. */
	readonly weights: readonly WeightSummary[];
	readonly constants: ConstantsSummary;
	readonly layers: readonly LayerSummary[];
	/** Names of files in the folder `assets`. */
	readonly assets: readonly string[];
}

export interface SignatureSummary {
	readonly key: string;
	readonly methodName: string;
	readonly inputs: readonly PortSummary[];
	readonly outputs: readonly PortSummary[];
}

export interface PortSummary {
	readonly name: string;
	/** Tensors of the graph, several for a sparse or composite one. */
	readonly tensorNames: readonly string[];
	/** `dense` for a plain tensor. */
	readonly kind: "dense" | "sparse" | "composite" | "none";
	/** Our name, or TensorFlow's for a type that mlship lacks. */
	readonly dtype: string;
	readonly shape: Shape;
	/** Whether a caller may leave it out. */
	readonly hasDefault: boolean;
}

/**
 * Reads and describes a SavedModel, or only its graph with the given tags.
 * Fails as `readSavedModel`, `findMetaGraph` and `bindVariables` do.
 */
export function summarize(dir: string, tags?: readonly string[]): ModelSummary {
	const model = readSavedModel(dir);
	const metaGraphs =
		tags === undefined ? model.metaGraphs : [findMetaGraph(model, tags)];
	const bundle = openVariables(dir);
	return {
		dir,
		file: model.file,
		byteLength: statPath(join(dir, model.file))?.size ?? 0,
		metaGraphs: metaGraphs.map((graph) => summarizeMetaGraph(bundle, graph)),
		checkpoint: bundle && summarizeCheckpoint(bundle),
	};
}

/** The same with one signature alone; fails with NOT_FOUND where no graph has it. */
export function withSignature(
	summary: ModelSummary,
	key: string,
): ModelSummary {
	const keysOf = ({ signatures }: MetaGraphSummary) =>
		signatures.map((signature) => signature.key);
	requireKey(key, summary.metaGraphs.flatMap(keysOf));
	return {
		...summary,
		metaGraphs: summary.metaGraphs
			.filter((metaGraph) => keysOf(metaGraph).includes(key))
			.map((metaGraph) => ({
				...metaGraph,
				signatures: metaGraph.signatures.filter(
					(signature) => signature.key === key,
				),
			})),
	};
}

function summarizeMetaGraph(
	bundle: Bundle | undefined,
	metaGraph: MetaGraphDef,
): MetaGraphSummary {
	const graph = metaGraph.graphDef ?? create(GraphDefSchema);
	const signatures = signatureKeys(metaGraph).map((key) =>
		summarizeSignature(key, metaGraph.signatureDef[key]),
	);
	const usage = findUsage(
		graph,
		signatures.flatMap(({ outputs }) =>
			outputs.flatMap(({ tensorNames }) => tensorNames),
		),
	);
	const weights = listWeights(usage, bindToBundle(bundle, metaGraph));
	return {
		tags: tagsOf(metaGraph),
		tensorflowVersion: metaGraph.metaInfoDef?.tensorflowVersion ?? "",
		signatures,
		ops: countOps(graph, usage),
		nodes: graph.node.length,
		functions: listFunctions(graph, usage),
		weights: [...weights.values()].sort((a, b) => b.byteLength - a.byteLength),
		constants: countConstants(usage),
		layers: listLayers(usage, weights),
		assets: assetNames(metaGraph),
	};
}

/** The face of a signature. */
export function summarizeSignature(
	key: string,
	{ methodName, inputs, outputs, defaults }: SignatureDef,
): SignatureSummary {
	return {
		key,
		methodName,
		inputs: summarizePorts(inputs, Object.keys(defaults)),
		outputs: summarizePorts(outputs, []),
	};
}

function summarizePorts(
	infos: Readonly<Record<string, TensorInfo>>,
	defaults: readonly string[],
): PortSummary[] {
	return Object.entries(infos)
		.sort(([a], [b]) => byBytes(a, b))
		.map(([name, info]) => ({
			name,
			...tensorsOf(info),
			dtype: isDTypeNumber(info.dtype)
				? dtypeFromNumber(info.dtype)
				: dataTypeName(info.dtype),
			shape: shapeFromProto(info.tensorShape),
			hasDefault: defaults.includes(name),
		}));
}

function tensorsOf({
	encoding,
}: TensorInfo): Pick<PortSummary, "kind" | "tensorNames"> {
	if (encoding.case === "name")
		return { kind: "dense", tensorNames: [encoding.value] };
	if (encoding.case === "cooSparse") {
		const { indicesTensorName, valuesTensorName, denseShapeTensorName } =
			encoding.value;
		return {
			kind: "sparse",
			tensorNames: [indicesTensorName, valuesTensorName, denseShapeTensorName],
		};
	}
	const components = encoding.value?.components ?? [];
	return {
		kind: encoding.case === undefined ? "none" : "composite",
		tensorNames: components.flatMap((part) => tensorsOf(part).tensorNames),
	};
}

function summarizeCheckpoint({ entries, shards }: Bundle): CheckpointSummary {
	const sizes = [...entries.values()].map(({ byteLength }) => byteLength);
	return {
		tensors: sizes.length,
		byteLength: sizes.reduce((sum, size) => sum + size, 0),
		shards: shards.length,
	};
}
