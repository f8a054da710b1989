import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../errors.js";
import { isFile, isFolder, listFolder } from "../formats/file.js";
import { liteFileAt, liteModelName } from "../lite/file.js";
import { nearest, quoted } from "../nearest.js";
import {
	isOnnxName,
	ONNX_FILE,
	onnxModelName,
	onnxPlace,
} from "../onnx/file.js";
import { whyNoSavedModel } from "../savedmodel/absence.js";
import { SAVED_MODEL_FILES } from "../savedmodel/read.js";
import { byVersion, MAX_VERSION, parseVersion } from "./number.js";
import { parseReference } from "./reference.js";
import { readReleaseSync } from "./release.js";

export { parseVersion } from "./number.js";

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
	/** The folder of the SavedModel or of `model.onnx`, or a file of ONNX or TensorFlow Lite; absolute. */
	readonly dir: string;
}

/**
 * The models at a path, sorted by name. The path may be a SavedModel or a folder with a `model.onnx`, alone or as one
 * version of a model, a model folder with numbered versions, a repository of such, or a file of ONNX or TensorFlow Lite. Fails with NOT_FOUND, saying what is there instead.
 */
export function findModels(path: string): ModelEntry[] {
	const dir = resolve(path);
	const entry = fileAt(dir) ?? modelAt(dir);
	if (entry !== undefined) return [entry];
	const children = isFolder(dir) ? listFolder(dir) : [];
	const models = children
		.filter((name) => !isHidden(name))
		.map((name) => modelAt(join(dir, name)))
		.filter((model) => model !== undefined);
	if (models.length === 0) throw whyNoSavedModel(path);
	return models;
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

/** A model with one of its versions only, by number or label; fails with NOT_FOUND and what exists. */
export function withVersion(model: ModelEntry, version: string): ModelEntry {
	return { ...model, versions: [findVersion(model, version)], only: true };
}

/** The version of a number or a label of `mlship.json`; fails with NOT_FOUND and what exists, with INVALID for no number at all. */
export function findVersion(
	{ name, dir, versions }: ModelEntry,
	version: string,
): VersionEntry {
	const isNumber = /^\d+$/.test(version);
	const labels: ReadonlyMap<string, bigint> = isNumber
		? new Map()
		: readReleaseSync(dir).labels;
	const number = isNumber ? parseVersion(version) : labels.get(version);
	const found = versions.find((entry) => entry.version === number);
	if (found !== undefined) return found;
	const has = `it has ${versions.map((entry) => entry.version).join(", ")}`;
	const named =
		labels.size === 0 ? "" : ` and the labels ${quoted([...labels.keys()])}`;
	const reason =
		isNumber && number === undefined
			? `numbers go up to ${MAX_VERSION}, ${has}`
			: `${has}${named}`;
	throw fail(
		"NOT_FOUND",
		`cannot find version "${version}" of model "${name}": ${labels.has(version) ? `the label points to ${number}, ` : ""}${reason}`,
		{ at: { model: name } },
	);
}

/** Where a bare SavedModel has no number in its name (the issue's rule). */
export const ONLY_VERSION = 1n;

/** A model that is one file. */
function fileAt(path: string): ModelEntry | undefined {
	if (liteFileAt(path) !== undefined)
		return {
			name: liteModelName(path),
			dir: path,
			versions: [{ version: ONLY_VERSION, dir: path }],
		};
	return isOnnxName(path) && isFile(path) ? onnxAt(path) : undefined;
}

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
		.sort((a, b) => byVersion(a.version, b.version));
}

function isVersion(dir: string): boolean {
	return [...SAVED_MODEL_FILES, ONNX_FILE].some((name) =>
		isFile(join(dir, name)),
	);
}

function isHidden(name: string): boolean {
	return name.startsWith(".");
}
