import { availableParallelism } from "node:os";
import { create } from "@bufbuild/protobuf";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
} from "../../../gen/saved_model_pb.js";
import type { EngineOptions } from "../../engines/engine.js";
import {
	type Prepared,
	type PrepareRequest,
	prepareOnnxFile,
	prepareProgram,
} from "../../engines/prepare.js";
import { statPath } from "../../formats/file.js";
import { buildProgram } from "../../graph/build.js";
import { weightBytes } from "../../graph/weights.js";
import type { OnnxModel } from "../../onnx/read.js";
import { floatFeatures } from "../../ops/parse/features.js";
import { unserved } from "../../repository/scan.js";
import { readVersion, type VersionFile } from "../../repository/version.js";
import { findMetaGraph, tagsOf } from "../../savedmodel/read.js";
import type { Signature } from "../../savedmodel/signature.js";
import { bindVariables } from "../../savedmodel/variables.js";
import { type BatchTraits, UNKNOWN_TRAITS } from "../batching/batcher.js";
import { batchTraits } from "../batching/traits.js";
import type { Catalog } from "../version.js";
import { shareCores } from "../workers.js";

/** Where a version is, and how it is to be run: plain data. */
export interface VersionSource
	extends Pick<EngineOptions, "workers" | "threads"> {
	readonly dir: string;
	readonly tags?: readonly string[];
	readonly engine?: string;
}

/** A version that was read, weights aside. */
export interface ReadVersion {
	readonly model: VersionFile;
	readonly metaGraph: MetaGraphDef;
}

export interface SessionSource extends ReadVersion {
	readonly signature: Signature;
}

/** A signature ready to be opened, and what batching has to know of it. */
export interface PreparedSignature extends Prepared {
	readonly traits: BatchTraits;
}

/** Reads a version; fails as `readVersion` and `findMetaGraph` do. */
export function readSource(dir: string, tags?: readonly string[]): ReadVersion {
	const model = readVersion(dir);
	return { model, metaGraph: findMetaGraph(model, tags) };
}

/** What is kept of a version while it is served. */
export function catalogOf({ metaGraph }: ReadVersion): Catalog {
	const { signatureDef, graphDef } = metaGraph;
	return {
		signatures: create(MetaGraphDefSchema, { signatureDef }),
		floatFeatures: graphDef === undefined ? new Set() : floatFeatures(graphDef),
	};
}

/** Makes a signature ready to be opened. Fails as `buildProgram` and `prepareProgram` do. */
export async function prepareSignature(
	{ model, metaGraph, signature }: SessionSource,
	{ engine = "auto", workers, threads }: Omit<VersionSource, "dir">,
	request: PrepareRequest,
): Promise<PreparedSignature> {
	const given = {
		...(workers !== undefined && { workers }),
		...(threads !== undefined && { threads }),
	};
	const cores = availableParallelism();
	if (model.lite !== undefined) throw unserved(model.dir);
	if (model.onnx !== undefined) {
		const shares = shareCores(given, {
			cores,
			weightBytes: fileBytes(model.onnx),
		});
		const file = await prepareOnnxFile(model.onnx, engine, shares, request);
		return { ...file, traits: UNKNOWN_TRAITS };
	}
	const variables = bindVariables(model, metaGraph);
	const program = buildProgram({ model, metaGraph, signature, variables });
	const shares = shareCores(given, {
		cores,
		weightBytes: weightBytes(program),
	});
	const origin = { dir: model.dir, tags: tagsOf(metaGraph), signature };
	const prepared = await prepareProgram(
		program,
		engine,
		{ ...shares, origin },
		request,
	);
	return { ...prepared, traits: batchTraits(program) };
}

function fileBytes(model: OnnxModel): number {
	return [model.path, ...model.external.map(({ path }) => path)].reduce(
		(sum, path) => sum + (statPath(path)?.size ?? 0),
		0,
	);
}
