import { basename } from "node:path";
import type { GraphProto, TensorProto } from "../../gen/onnx_pb.js";
import { statPath } from "../formats/file.js";
import type { OpCount } from "../savedmodel/ops-summary.js";
import { SERVE_TAG } from "../savedmodel/read.js";
import { byBytes, DEFAULT_SIGNATURE } from "../savedmodel/signature.js";
import {
	type ModelSummary,
	type OnnxFacts,
	summarizeSignature,
} from "../savedmodel/summary.js";
import type { WeightSummary } from "../savedmodel/weights.js";
import { DTYPES, type DType } from "../tensor/dtype.js";
import { elementCount } from "../tensor/tensor.js";
import { type OnnxModel, readOnnx } from "./read.js";

/** Describes the ONNX file of a version as SavedModels are described. Fails as `readOnnx`. */
export function summarizeOnnx(dir: string, path: string): ModelSummary {
	const onnx = readOnnx(path);
	const { graph, metaGraph } = onnx;
	const definition = metaGraph.signatureDef[DEFAULT_SIGNATURE];
	return {
		dir,
		file: basename(path),
		byteLength: statPath(path)?.size ?? 0,
		metaGraphs: [
			{
				tags: [SERVE_TAG],
				tensorflowVersion: "",
				signatures: [summarizeSignature(DEFAULT_SIGNATURE, definition)],
				ops: countOps(graph),
				nodes: graph.node.length,
				functions: [],
				weights: graph.initializer
					.flatMap(weightOf)
					.sort((a, b) => b.byteLength - a.byteLength),
				constants: { count: 0, byteLength: 0 },
				layers: [],
				assets: [],
			},
		],
		checkpoint: undefined,
		onnx: factsOf(onnx),
	};
}

function factsOf({ model, leftOut }: OnnxModel): OnnxFacts {
	return {
		irVersion: Number(model.irVersion),
		opsets: Object.fromEntries(
			model.opsetImport.map(({ domain, version }) => [
				domain || "ai.onnx",
				Number(version),
			]),
		),
		producer: `${model.producerName} ${model.producerVersion}`.trim(),
		leftOut,
	};
}

/** Operations with their domain where that is not ONNX's own; most used first. */
function countOps(graph: GraphProto): OpCount[] {
	const counts = new Map<string, number>();
	const add = ({ node }: GraphProto, depth: number): void => {
		for (const { opType, domain, attribute } of node) {
			const op =
				domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`;
			counts.set(op, (counts.get(op) ?? 0) + 1);
			if (depth < MAX_NESTING)
				for (const { g } of attribute) if (g !== undefined) add(g, depth + 1);
		}
	};
	add(graph, 0);
	return [...counts]
		.map(([op, count]) => ({ op, count, used: count }))
		.sort((a, b) => b.count - a.count || byBytes(a.op, b.op));
}

/** Branches and loops within one another; real models have a handful. */
const MAX_NESTING = 64;

function weightOf({ name, dataType, dims }: TensorProto): WeightSummary[] {
	const dtype = (Object.keys(DTYPES) as DType[]).find(
		(candidate) => dataType > 0 && DTYPES[candidate].onnx === dataType,
	);
	if (dtype === undefined) return [];
	const shape = dims.map(Number);
	const parameters = elementCount(shape);
	const byteLength = parameters * DTYPES[dtype].bytes;
	return [{ name, key: name, dtype, shape, parameters, byteLength }];
}
