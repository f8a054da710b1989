import { create } from "@bufbuild/protobuf";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
	type TensorInfo,
	TensorInfoSchema,
} from "../../gen/saved_model_pb.js";
import { asMlshipError, fail } from "../errors.js";
import { readWhole } from "../formats/file.js";
import { SERVE_TAG } from "../savedmodel/read.js";
import { DTYPES } from "../tensor/dtype.js";
import {
	type LiteFilePort,
	type LiteFileSignature,
	liteSignatures,
} from "./ports.js";
import { readLite } from "./read.js";
import type { LiteFields } from "./schema.js";

/** A file of TensorFlow Lite that somebody wrote. */
export interface LiteFile {
	readonly path: string;
	readonly bytes: Uint8Array;
	readonly model: LiteFields<"Model">;
	readonly signatures: readonly LiteFileSignature[];
	/** The same face as a SavedModel's. */
	readonly metaGraph: MetaGraphDef;
}

/** Reads a file. Fails with CORRUPT or UNSUPPORTED as `readLite` and `liteSignatures`, naming the path. */
export function openLiteFile(path: string): LiteFile {
	const bytes = readWhole(path, MAX_BYTES);
	try {
		const model = readLite(bytes);
		const signatures = liteSignatures(model);
		const metaGraph = liteMetaGraph(signatures);
		return { path, bytes, model, signatures, metaGraph };
	} catch (error) {
		const { code, message } = asMlshipError(error);
		const named = message.replace(/a \.tflite file|a flatbuffer/, path);
		throw fail(code, named.includes(path) ? named : `${path}: ${named}`, {
			at: { file: path },
			cause: error,
		});
	}
}

/** Offsets of a flatbuffer have 32 bits, one of them for the sign. */
const MAX_BYTES = 2 ** 31 - 1;

/** A meta graph without a graph: signatures as TensorFlow Serving's clients know them. */
function liteMetaGraph(signatures: readonly LiteFileSignature[]): MetaGraphDef {
	return create(MetaGraphDefSchema, {
		metaInfoDef: { tags: [SERVE_TAG] },
		signatureDef: Object.fromEntries(
			signatures.map(({ key, inputs, outputs }) => [
				key,
				{
					methodName: "tensorflow/serving/predict",
					inputs: infos(inputs),
					outputs: infos(outputs),
				},
			]),
		),
	});
}

function infos(ports: readonly LiteFilePort[]): Record<string, TensorInfo> {
	return Object.fromEntries(ports.map((port) => [port.name, infoOf(port)]));
}

function infoOf({ tensor, dtype, shape }: LiteFilePort): TensorInfo {
	return create(TensorInfoSchema, {
		encoding: { case: "name", value: `tensor ${tensor}` },
		dtype: DTYPES[dtype].tf,
		tensorShape:
			shape === undefined
				? { unknownRank: true }
				: { dim: shape.map((size) => ({ size: BigInt(size) })) },
	});
}
