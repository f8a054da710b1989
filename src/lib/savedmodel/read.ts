import { join } from "node:path";
import {
	AssetFileDefSchema,
	type MetaGraphDef,
	type SavedModel,
	SavedModelSchema,
} from "../../gen/saved_model_pb.js";
import { asMlshipError, fail } from "../errors.js";
import { isFile, readWhole } from "../formats/file.js";
import { decodeMessage } from "../formats/protobuf.js";
import { parseTextProto } from "../formats/textproto.js";
import { whyNoSavedModel } from "./absence.js";

export interface SavedModelFile {
	/** The folder, as it was given. */
	readonly dir: string;
	/** `saved_model.pb` or `saved_model.pbtxt`. */
	readonly file: string;
	/** At least one. */
	readonly metaGraphs: readonly MetaGraphDef[];
}

/** The tag of the graph that serves (tf.saved_model.SERVING). */
export const SERVE_TAG = "serve";

/** In order of preference, as TensorFlow's loader has it (saved_model/reader.cc). */
const READERS: Readonly<Record<string, (path: string) => SavedModel>> = {
	"saved_model.pb": readBinary,
	"saved_model.pbtxt": readText,
};

export const SAVED_MODEL_FILES = Object.keys(READERS);

/**
 * Reads the graphs of a SavedModel, and nothing of its variables.
 * Fails with NOT_FOUND where there is none, saying what is there instead, with CORRUPT for bytes that are no SavedModel.
 */
export function readSavedModel(dir: string): SavedModelFile {
	const file = SAVED_MODEL_FILES.find((name) => isFile(join(dir, name)));
	if (file === undefined) throw whyNoSavedModel(dir);
	const path = join(dir, file);
	const { savedModelSchemaVersion, metaGraphs } = READERS[file](path);
	if (metaGraphs.length === 0)
		throw fail("CORRUPT", `cannot read ${path}: it holds no graph`, {
			at: { file: path },
		});
	if (savedModelSchemaVersion > 1n)
		throw fail(
			"UNSUPPORTED",
			`cannot read ${path}: its schema version is ${savedModelSchemaVersion}, mlship knows 1`,
			{ at: { file: path } },
		);
	return { dir, file, metaGraphs };
}

/**
 * The graph whose tag set is exactly `tags`, in any order; without tags the only graph, or the one that is tagged `serve`.
 * Fails with NOT_FOUND, what exists being listed.
 */
export function findMetaGraph(
	model: SavedModelFile,
	tags?: readonly string[],
): MetaGraphDef {
	if (tags === undefined && model.metaGraphs.length === 1)
		return model.metaGraphs[0];
	const wanted = tags ?? [SERVE_TAG];
	const found = model.metaGraphs.find((graph) =>
		sameSet(tagsOf(graph), wanted),
	);
	if (found === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot find a graph with the tag set ${showTags(wanted)} in ${model.dir}: it has ${model.metaGraphs.map((graph) => showTags(tagsOf(graph))).join(" and ")}`,
			{ at: { tags: wanted.join(",") } },
		);
	return found;
}

/**
 * `serve,gpu` as its tags, the empty string being the empty set (python/tools/saved_model_utils.py); undefined where none
 * is asked for.
 */
export function parseTags(text: string | undefined): string[] | undefined {
	return text
		?.split(",")
		.map((tag) => tag.trim())
		.filter((tag) => tag !== "");
}

/** In the order of the file. */
export function tagsOf(metaGraph: MetaGraphDef): readonly string[] {
	return metaGraph.metaInfoDef?.tags ?? [];
}

function showTags(tags: readonly string[]): string {
	return tags.length === 0 ? "(no tags)" : `"${tags.join(",")}"`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
	return a.every((tag) => b.includes(tag)) && b.every((tag) => a.includes(tag));
}

/** Protobuf's own limit for a message; larger models keep their weights in variables. */
const MAX_BYTES = 2 ** 31 - 1;

/** The longest string that V8 makes. */
const MAX_TEXT_BYTES = 2 ** 29 - 24;

function readBinary(path: string): SavedModel {
	return decodeMessage(SavedModelSchema, readWhole(path, MAX_BYTES), path);
}

/** Upstream's word for a text that does not parse is that of broken bytes too. */
function readText(path: string): SavedModel {
	const text = new TextDecoder().decode(readWhole(path, MAX_TEXT_BYTES));
	try {
		return parseTextProto(SavedModelSchema, text, {
			source: path,
			unknownFields: "skip",
			anyTypes: [AssetFileDefSchema],
		});
	} catch (cause) {
		const { message, at } = asMlshipError(cause);
		throw fail("CORRUPT", message, { at: { file: path, ...at }, cause });
	}
}
