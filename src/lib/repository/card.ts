import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { ModelProtoSchema } from "../../gen/onnx_pb.js";
import { SavedModelSchema } from "../../gen/saved_model_pb.js";
import { fail, MlshipError } from "../errors.js";
import { isFile, statPath } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { pickFields, type WantedFields } from "../formats/wire-fields.js";
import { externalFiles } from "../onnx/external.js";
import { onnxFileAt } from "../onnx/file.js";
import { readPorts } from "../onnx/ports.js";
import { onnxMetaGraph } from "../onnx/signature.js";
import { readSavedModel } from "../savedmodel/read.js";
import { DEFAULT_SIGNATURE, signatureKeys } from "../savedmodel/signature.js";
import {
	type SignatureSummary,
	summarizeSignature,
} from "../savedmodel/summary.js";
import { openVariables } from "../savedmodel/variables.js";
import { differingSizes, listFiles, readManifest } from "./manifest.js";

/** What is known of a version at a glance: neither its graph nor its weights are read. */
export interface VersionCard {
	/** Bytes of all its files. */
	readonly byteLength: number;
	/** When its model was written last. */
	readonly modified: Date | undefined;
	/** `TensorFlow 2.21.0`, `pytorch 2.4.0`; may be empty. */
	readonly producer: string;
	/** Sorted by key. */
	readonly signatures: readonly SignatureSummary[];
	/** It has a manifest of digests. */
	readonly hasManifest: boolean;
	/** Why it cannot be served, as far as sizes and names tell; undefined where it can. */
	readonly trouble: string | undefined;
}

/** Never fails: what is wrong with the version is its trouble. */
export function readCard(dir: string): VersionCard {
	const blank = {
		byteLength: 0,
		modified: undefined,
		producer: "",
		signatures: [],
		hasManifest: false,
	};
	try {
		const files = { ...blank, ...filesOf(dir) };
		try {
			return { ...files, ...faceOf(dir), trouble: whatIsWrong(dir) };
		} catch (error) {
			return { ...files, trouble: told(error) };
		}
	} catch (error) {
		return { ...blank, trouble: told(error) };
	}
}

function told(error: unknown): string {
	if (error instanceof MlshipError) return error.message;
	throw error;
}

function filesOf(
	dir: string,
): Pick<VersionCard, "byteLength" | "modified" | "hasManifest"> {
	const paths = listFiles(dir).map((name) => join(dir, name));
	const stats = paths.flatMap((path) => statPath(path) ?? []);
	const main = onnxFileAt(dir) ?? join(dir, "saved_model.pb");
	return {
		byteLength: stats.reduce((sum, { size }) => sum + size, 0),
		modified: statSync(main, { throwIfNoEntry: false })?.mtime,
		hasManifest: isFile(join(dir, "assets.extra", "mlship_manifest.json")),
	};
}

type Face = Pick<VersionCard, "producer" | "signatures">;

function faceOf(dir: string): Face {
	const onnx = onnxFileAt(dir);
	if (onnx !== undefined) return onnxFace(dir, onnx);
	const path = join(dir, "saved_model.pb");
	const { metaGraphs } = isFile(path)
		? decodeMessage(
				SavedModelSchema,
				pickFields(path, SAVED_MODEL_FIELDS, MAX_BYTES),
				path,
			)
		: readSavedModel(dir);
	const [metaGraph] = metaGraphs;
	if (metaGraph === undefined)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`);
	const version = metaGraph.metaInfoDef?.tensorflowVersion ?? "";
	return {
		producer: version === "" ? "" : `TensorFlow ${version}`,
		signatures: signatureKeys(metaGraph).map((key) =>
			summarizeSignature(key, metaGraph.signatureDef[key]),
		),
	};
}

/** Of SavedModel: meta_graphs with the tags and version of meta_info_def, and signature_def. */
const SAVED_MODEL_FIELDS: WantedFields = {
	1: true,
	2: { 1: { 4: true, 5: true }, 5: true },
};

/** Of ModelProto: who wrote it; of graph inputs, outputs, names and places of weights, and what a ZipMap says. */
const ONNX_FIELDS: WantedFields = {
	1: true,
	2: true,
	3: true,
	7: {
		1: { 2: true, 4: true, 5: { 1: true, 8: true, 9: true, 20: true } },
		5: { 2: true, 8: true, 13: true, 14: true },
		11: true,
		12: true,
	},
};

const MAX_BYTES = 64 * 1024 ** 2;

function onnxFace(dir: string, path: string): Face {
	const { graph, producerName, producerVersion } = decodeMessage(
		ModelProtoSchema,
		pickFields(path, ONNX_FIELDS, MAX_BYTES),
		path,
	);
	if (graph === undefined)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`);
	for (const file of externalFiles(graph, dir))
		checkShard(file.path, file.byteLength);
	const { signatureDef } = onnxMetaGraph(readPorts(graph, path));
	return {
		producer: `${producerName} ${producerVersion}`.trim(),
		signatures: [
			summarizeSignature(DEFAULT_SIGNATURE, signatureDef[DEFAULT_SIGNATURE]),
		],
	};
}

function whatIsWrong(dir: string): string | undefined {
	for (const { path, byteLength } of openVariables(dir)?.shards ?? [])
		checkShard(path, byteLength);
	const manifest = readManifest(dir);
	return manifest === undefined ? undefined : differingSizes(dir, manifest)[0];
}

function checkShard(path: string, wanted: number): void {
	const size = statPath(path)?.size;
	if (size === undefined)
		throw fail("NOT_READY", `${basename(path)} is not there`);
	if (size < wanted)
		throw fail(
			"NOT_READY",
			`${basename(path)} has ${size} bytes, ${wanted} are wanted`,
		);
}
