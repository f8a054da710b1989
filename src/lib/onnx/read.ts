import { dirname } from "node:path";
import {
	type GraphProto,
	type ModelProto,
	ModelProtoSchema,
} from "../../gen/onnx_pb.js";
import type { MetaGraphDef } from "../../gen/saved_model_pb.js";
import { fail } from "../errors.js";
import { readWhole } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { type ExternalFile, externalFiles } from "./external.js";
import { type LeftOut, type OnnxPort, readPorts } from "./ports.js";
import { onnxMetaGraph } from "./signature.js";

/** An ONNX file, read as far as serving needs it. */
export interface OnnxModel {
	readonly path: string;
	readonly model: ModelProto;
	readonly graph: GraphProto;
	readonly inputs: readonly OnnxPort[];
	readonly outputs: readonly OnnxPort[];
	/** Outputs that are no tensors. */
	readonly leftOut: readonly LeftOut[];
	/** Weights beside the file. */
	readonly external: readonly ExternalFile[];
	/** The same face as a SavedModel's: one signature, `serving_default`. */
	readonly metaGraph: MetaGraphDef;
}

/**
 * Reads an ONNX file; weights beside it are not opened. Fails with CORRUPT for bytes that are no ONNX model, with
 * UNSUPPORTED where an input, or every output, is no tensor of a type that mlship knows.
 */
export function readOnnx(path: string): OnnxModel {
	const model = decodeMessage(
		ModelProtoSchema,
		readWhole(path, MAX_BYTES),
		path,
	);
	const { graph, irVersion, opsetImport } = model;
	if (graph === undefined || irVersion <= 0n)
		throw fail(
			"CORRUPT",
			`cannot read ${path}: it holds no graph, an ONNX model was wanted`,
			{ at: { file: path } },
		);
	if (opsetImport.length === 0 && graph.node.length > 0)
		throw fail("CORRUPT", `cannot read ${path}: it names no operator set`, {
			at: { file: path },
		});
	const ports = readPorts(graph, path);
	return {
		path,
		model,
		graph,
		...ports,
		external: externalFiles(graph, dirname(path)),
		metaGraph: onnxMetaGraph(ports),
	};
}

/** Protobuf's own limit for a message; larger models keep their weights beside it. */
const MAX_BYTES = 2 ** 31 - 1;
