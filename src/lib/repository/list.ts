import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../errors.js";
import { isFile, isFolder, listFolder } from "../formats/file.js";
import { nearest, quoted } from "../nearest.js";
import {
	isOnnxName,
	ONNX_FILE,
	onnxModelName,
	onnxPlace,
} from "../onnx/file.js";
import { whyNoSavedModel } from "../savedmodel/absence.js";
import { SAVED_MODEL_FILES } from "../savedmodel/read.js";

export interface ModelEntry {
	readonly name: string;
	/** The model's folder, absolute; for a bare SavedModel the SavedModel itself. */
	readonly dir: string;
	/** Ascending, at least one; complete or not. */
	readonly versions: readonly VersionEntry[];
	/** Just these versions were named, whatever others there are. */
	readonly only?: boolean;
}

export interface VersionEntry {
	/** An int64, as TensorFlow Serving has it: timestamps of 17 digits are beyond what a number holds. */
	readonly version: bigint;
	/** The folder of the SavedModel or of `model.onnx`, or an ONNX file; absolute. */
	readonly dir: string;
}

/**
 * The models at a path, sorted by name. The path may be a SavedModel or a folder with a `model.onnx`, alone or as one
 * version of a model, a model folder with numbered versions, a repository of such, or an ONNX file. Fails with NOT_FOUND, saying what is there instead.
 */
export function findModels(path: string): ModelEntry[] {
	const dir = resolve(path);
	const entry = isOnnxName(dir) && isFile(dir) ? onnxAt(dir) : modelAt(dir);
	if (entry !== undefined) return [entry];
	const children = isFolder(dir) ? listFolder(dir) : [];
	const models = children
		.filter((name) => !isHidden(name))
		.map((name) => modelAt(join(dir, name)))
		.filter((model) => model !== undefined);
	if (models.length === 0) throw whyNoSavedModel(path);
	return models;
}

/** The number of a version folder's name, leading zeros allowed; undefined for any other name, so for temporary ones. */
export function parseVersion(name: string): bigint | undefined {
	if (!/^\d{1,40}$/.test(name)) return undefined;
	const version = BigInt(name);
	return version <= MAX_INT64 ? version : undefined;
}

export function latestVersion({ versions }: ModelEntry): VersionEntry {
	return versions[versions.length - 1];
}

/**
 * The model that `digits` or `digits@2` names, with that version only if one is named. Fails with NOT_FOUND, what exists
 * being offered.
 */
export function findModel(
	models: readonly ModelEntry[],
	reference: string,
): ModelEntry {
	const { name, version } = parseReference(reference);
	const model = models.find((candidate) => candidate.name === name);
	if (model === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot find model "${name}": nearest are ${quoted(
				nearest(
					name,
					models.map((candidate) => candidate.name),
				),
			)}`,
			{ at: { model: name } },
		);
	return version === undefined ? model : withVersion(model, version);
}

/** A model with one of its versions only; fails with NOT_FOUND and the versions that exist. */
export function withVersion(model: ModelEntry, version: string): ModelEntry {
	const number = parseVersion(version);
	const found = model.versions.find((entry) => entry.version === number);
	if (found === undefined)
		throw fail(
			"NOT_FOUND",
			`cannot find version "${version}" of model "${model.name}": it has ${model.versions.map((entry) => entry.version).join(", ")}`,
			{ at: { model: model.name } },
		);
	return { ...model, versions: [found], only: true };
}

/** `digits@2` in its parts; the version is undefined where none is named. */
export function parseReference(reference: string): {
	name: string;
	version: string | undefined;
} {
	const at = reference.lastIndexOf("@");
	if (at <= 0) return { name: reference, version: undefined };
	return { name: reference.slice(0, at), version: reference.slice(at + 1) };
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Where a bare SavedModel has no number in its name (the rule). */
export const ONLY_VERSION = 1n;

function onnxAt(file: string): ModelEntry {
	const dir = onnxPlace(file);
	return dir === file
		? {
				name: onnxModelName(file),
				dir,
				versions: [{ version: ONLY_VERSION, dir }],
			}
		: bareModel(dir);
}

function modelAt(dir: string): ModelEntry | undefined {
	if (isVersion(dir)) return bareModel(dir);
	if (!isFolder(dir)) return undefined;
	const versions = listVersions(dir);
	return versions.length === 0
		? undefined
		: { name: basename(dir), dir, versions };
}

function bareModel(dir: string): ModelEntry {
	const version = parseVersion(basename(dir));
	return version === undefined
		? { name: basename(dir), dir, versions: [{ version: ONLY_VERSION, dir }] }
		: {
				name: basename(dirname(dir)),
				dir: dirname(dir),
				versions: [{ version, dir }],
				only: true,
			};
}

/** Of two folders with one number, as `1` and `01`, the shorter name counts. */
function listVersions(dir: string): VersionEntry[] {
	const found = new Map<bigint, string>();
	for (const name of listFolder(dir).sort((a, b) => a.length - b.length)) {
		const version = parseVersion(name);
		if (version === undefined || found.has(version)) continue;
		if (isFolder(join(dir, name))) found.set(version, join(dir, name));
	}
	return [...found]
		.map(([version, folder]) => ({ version, dir: folder }))
		.sort((a, b) => (a.version < b.version ? -1 : 1));
}

function isVersion(dir: string): boolean {
	return [...SAVED_MODEL_FILES, ONNX_FILE].some((name) =>
		isFile(join(dir, name)),
	);
}

function isHidden(name: string): boolean {
	return name.startsWith(".");
}
