import { join } from "node:path";
import { type Disk, replaceFile } from "../formats/disk.js";
import { isFolder, listFolder, readTextIfThere } from "../formats/file.js";
import { onnxFileAt } from "../onnx/file.js";
import { findModels, type ModelEntry, type VersionEntry } from "./list.js";
import { byVersion } from "./number.js";
import { readReleaseSync } from "./release.js";

/** TensorFlow Serving's `--model_config_file`, at the root of a repository. */
export const MODELS_CONFIG = "models.config";

/** A file without this line is somebody's own, and left alone. */
const HEAD = "# Written by mlship version. Without this line it is left alone.";
const BASE_PATH = "# base path: ";

export interface ModelsConfigOptions {
	/** Where TensorFlow Serving finds the repository, `/models` in its container; the repository's own path without. */
	readonly basePath?: string | undefined;
	/** Whether all versions answer that are here, and not those alone that labels and splits name. */
	readonly isWhole?: boolean;
}

/**
 * What a ModelServerConfig says of a repository: labels, and of models with labels or a split just the versions that these
 * name, as others are not to answer. Models that TensorFlow Serving cannot serve are comments.
 */
export function modelsConfig(
	root: string,
	models: readonly ModelEntry[],
	{ basePath = root, isWhole = false }: ModelsConfigOptions = {},
): string {
	return [
		HEAD,
		"# tensorflow_model_server --model_config_file=models.config --allow_version_labels_for_unavailable_models",
		"# Requests without a version or a label go to the highest version here, whatever a split says.",
		// one that is the repository's own moves with it
		...(basePath === root ? [] : [`${BASE_PATH}${basePath}`]),
		"model_config_list {",
		...models.flatMap((model) => modelLines(model, basePath, isWhole)),
		"}",
		"",
	].join("\n");
}

/**
 * Writes the file where it says something else; whether it is there as it should be. One that somebody else wrote stays,
 * and the base path of the one before, where none is given.
 */
export function writeModelsConfig(
	disk: Disk,
	root: string,
	options: ModelsConfigOptions = {},
): boolean {
	const path = join(root, MODELS_CONFIG);
	const before = readTextIfThere(path, MAX_BYTES);
	if (before !== undefined && !before.startsWith(HEAD)) return false;
	const basePath = options.basePath ?? basePathOf(before, root);
	const text = modelsConfig(root, modelsOf(root), { basePath });
	if (text !== before) replaceFile(disk, path, text);
	return true;
}

const MAX_BYTES = 64 * 1024 ** 2;

function basePathOf(text: string | undefined, root: string): string {
	const line = text?.split("\n").find((each) => each.startsWith(BASE_PATH));
	return line?.slice(BASE_PATH.length) || root;
}

/** None where the repository is empty by now. */
function modelsOf(root: string): ModelEntry[] {
	const isThere =
		isFolder(root) && listFolder(root).some((name) => !name.startsWith("."));
	if (!isThere) return [];
	return listFolder(root)
		.filter((name) => !name.startsWith(".") && isFolder(join(root, name)))
		.flatMap((name) => modelAt(join(root, name)));
}

/** A folder without a version is no model; a version's name is no model's. */
function modelAt(dir: string): ModelEntry[] {
	const names = listFolder(dir).filter((name) => /^\d+$/.test(name));
	return names.length === 0
		? []
		: findModels(dir).filter((model) => model.dir === dir);
}

function modelLines(
	model: ModelEntry,
	basePath: string,
	isWhole: boolean,
): string[] {
	const { name, versions } = model;
	const served = versions.filter(({ dir }) => onnxFileAt(dir) === undefined);
	if (served.length === 0)
		return [
			`\t# ${quote(name)} holds ONNX models, which TensorFlow Serving does not know`,
		];
	const { labels, wanted } = wantedOf(model, served);
	return [
		"\tconfig {",
		`\t\tname: ${quote(name)}`,
		`\t\tbase_path: ${quote(`${basePath.replace(/\/+$/, "")}/${name}`)}`,
		'\t\tmodel_platform: "tensorflow"',
		...policyLines(isWhole ? served.map(({ version }) => version) : wanted),
		...labels.map(
			([label, version]) =>
				`\t\tversion_labels { key: ${quote(label)} value: ${version} }`,
		),
		"\t}",
	];
}

interface Wanted {
	readonly labels: readonly (readonly [string, bigint])[];
	/** Undefined for the latest, whatever that is. */
	readonly wanted: readonly bigint[] | undefined;
}

function wantedOf(
	{ dir }: ModelEntry,
	served: readonly VersionEntry[],
): Wanted {
	const { labels, split } = readReleaseSync(dir);
	const has = (number: bigint) =>
		served.some(({ version }) => version === number);
	const pointing = [...labels].filter(([, version]) => has(version));
	const shared = split?.shares.map(({ version }) => version).filter(has);
	if (pointing.length === 0 && shared === undefined)
		return { labels: [], wanted: undefined };
	const traffic = shared ?? served.slice(-1).map(({ version }) => version);
	const named = [...traffic, ...pointing.map(([, version]) => version)];
	return { labels: pointing, wanted: [...new Set(named)].sort(byVersion) };
}

function policyLines(wanted: readonly bigint[] | undefined): string[] {
	if (wanted === undefined || wanted.length === 0)
		return ["\t\tmodel_version_policy { latest { num_versions: 1 } }"];
	const versions = wanted.map((version) => `versions: ${version}`).join(" ");
	return [`\t\tmodel_version_policy { specific { ${versions} } }`];
}

/** A text of protobuf's text format; what is no ASCII letter, digit or mark as the bytes of UTF-8 (text_format.cc). */
function quote(text: string): string {
	const escaped = [...Buffer.from(text)].map((byte) =>
		byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
			? `\\${byte.toString(8).padStart(3, "0")}`
			: String.fromCharCode(byte),
	);
	return `"${escaped.join("")}"`;
}
