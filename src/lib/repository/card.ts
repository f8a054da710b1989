import { join } from "node:path";
import { ModelProtoSchema } from "../../gen/onnx_pb.js";
import { SavedModelSchema } from "../../gen/saved_model_pb.js";
import { fail, MlshipError } from "../errors.js";
import { statPath } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { pickFields, type WantedFields } from "../formats/wire-fields.js";
import { externalFiles } from "../onnx/external.js";
import { ONNX_FILE } from "../onnx/file.js";
import { readPorts } from "../onnx/ports.js";
import { onnxMetaGraph } from "../onnx/signature.js";
import { readSavedModel } from "../savedmodel/read.js";
import { shardSizes } from "../savedmodel/shard-sizes.js";
import { DEFAULT_SIGNATURE, signatureKeys } from "../savedmodel/signature.js";
import {
	type SignatureSummary,
	summarizeSignature,
} from "../savedmodel/summary.js";
import {
	differingSizes,
	MANIFEST_FILE,
	readManifest,
	sizesOf,
} from "./manifest.js";

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
		const sizes = sizesOf(dir);
		const files = { ...blank, ...factsOf(dir, sizes) };
		try {
			const face = faceOf(dir, sizes);
			return { ...files, ...face, trouble: whatIsWrong(dir, sizes, files) };
		} catch (error) {
			return { ...files, trouble: told(error) };
		}
	} catch (error) {
		return { ...blank, trouble: told(error) };
	}
}

/** Bytes by name. */
type Sizes = ReadonlyMap<string, number>;

function told(error: unknown): string {
	if (error instanceof MlshipError) return error.message;
	throw error;
}

function factsOf(
	dir: string,
	sizes: Sizes,
): Pick<VersionCard, "byteLength" | "modified" | "hasManifest"> {
	const main = [GRAPH_FILE, ONNX_FILE].find((name) => sizes.has(name));
	return {
		byteLength: [...sizes.values()].reduce((sum, size) => sum + size, 0),
		modified: statPath(main === undefined ? dir : join(dir, main))?.mtime,
		hasManifest: statPath(join(dir, MANIFEST_FILE)) !== undefined,
	};
}

const GRAPH_FILE = "saved_model.pb";

type Face = Pick<VersionCard, "producer" | "signatures">;

function faceOf(dir: string, sizes: Sizes): Face {
	if (sizes.has(ONNX_FILE)) return onnxFace(dir, join(dir, ONNX_FILE));
	const path = join(dir, GRAPH_FILE);
	const { metaGraphs } = sizes.has(GRAPH_FILE)
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
		checkSize(file.location, statPath(file.path)?.size, file.byteLength);
	const { signatureDef } = onnxMetaGraph(readPorts(graph, path));
	return {
		producer: `${producerName} ${producerVersion}`.trim(),
		signatures: [
			summarizeSignature(DEFAULT_SIGNATURE, signatureDef[DEFAULT_SIGNATURE]),
		],
	};
}

/** A manifest knows all sizes; without one the checkpoint's index knows those of its shards. */
function whatIsWrong(
	dir: string,
	sizes: Sizes,
	{ hasManifest }: Pick<VersionCard, "hasManifest">,
): string | undefined {
	const manifest = hasManifest ? readManifest(dir) : undefined;
	if (manifest !== undefined) return differingSizes(manifest, sizes)[0];
	const shards = sizes.has(INDEX_FILE)
		? shardSizes(join(dir, INDEX_FILE))
		: new Map<string, number>();
	for (const [name, size] of shards)
		checkSize(name, sizes.get(`variables/${name}`), size);
	const isLost =
		shards.size === 0 &&
		[...sizes.keys()].some((name) =>
			name.startsWith("variables/variables.data-"),
		);
	return isLost ? `${INDEX_FILE} is not there` : undefined;
}

const INDEX_FILE = "variables/variables.index";

function checkSize(
	name: string,
	size: number | undefined,
	wanted: number,
): void {
	if (size === undefined) throw fail("NOT_READY", `${name} is not there`);
	if (size < wanted)
		throw fail("NOT_READY", `${name} has ${size} bytes, ${wanted} are wanted`);
}
