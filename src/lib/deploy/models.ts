import { createHash } from "node:crypto";
import { createReadStream, readdirSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { asMlshipError, fail } from "../errors.js";
import { isFolder } from "../formats/file.js";
import { ONNX_FILE, onnxFileAt } from "../onnx/file.js";
import { readOnnx } from "../onnx/read.js";
import type { ModelEntry, VersionEntry } from "../repository/list.js";
import { MANIFEST_FILE } from "../repository/manifest.js";
import { isComplete } from "../repository/ready.js";
import { checkName } from "./names.js";

/** A version as it is deployed: its files and what identifies them. */
export interface DeployedVersion {
	readonly version: bigint;
	/** Absolute; a folder, or an ONNX file. */
	readonly dir: string;
	readonly files: readonly ModelFile[];
	readonly byteLength: number;
	/** `sha256:…` over names and contents of its files, the same wherever they lie. */
	readonly digest: string;
}

export interface ModelFile {
	/** Within the version, with slashes. */
	readonly name: string;
	/** Absolute. */
	readonly path: string;
	readonly byteLength: number;
}

export interface DeployedModel {
	readonly name: string;
	/** The model's folder, where its release state is. */
	readonly dir: string;
	/** Ascending. */
	readonly versions: readonly DeployedVersion[];
}

/**
 * What is deployed of models, their files read once for the digest. Fails with INVALID for a name that no place would take,
 * with NOT_READY where a version is not wholly there, with INVALID for what is no plain file.
 */
export async function deployedModels(
	entries: readonly ModelEntry[],
): Promise<DeployedModel[]> {
	const models: DeployedModel[] = [];
	for (const { name, dir, versions } of entries) {
		checkName("model", name);
		const deployed: DeployedVersion[] = [];
		for (const version of versions)
			deployed.push(await deployedVersion(name, version));
		models.push({ name, dir, versions: deployed });
	}
	return models;
}

async function deployedVersion(
	model: string,
	{ version, dir }: VersionEntry,
): Promise<DeployedVersion> {
	const state = isComplete(dir);
	if (!state.complete)
		throw fail(
			"NOT_READY",
			`cannot deploy version ${version} of ${model}: ${state.reason}`,
			{ at: { model, version: String(version) } },
		);
	const files = filesOf(dir);
	return {
		version,
		dir,
		files,
		byteLength: files.reduce((sum, file) => sum + file.byteLength, 0),
		digest: await digestOf(files),
	};
}

/** All files of a version, by name. Hidden ones are left out: what editors and copying programs left behind. */
function filesOf(dir: string): ModelFile[] {
	const onnx = isFolder(dir) ? undefined : onnxFileAt(dir);
	if (onnx === undefined) return filesBelow(dir, "");
	const weights = readOnnx(onnx).external.map(
		({ location, path }) => [location, path] as const,
	);
	return [...new Map([[ONNX_FILE, onnx], ...weights])].map(fileAt);
}

function filesBelow(dir: string, prefix: string): ModelFile[] {
	try {
		return readdirSync(join(dir, prefix), { withFileTypes: true })
			.filter(({ name }) => !name.startsWith("."))
			.sort((a, b) => (a.name < b.name ? -1 : 1))
			.flatMap((entry) => {
				const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
				if (entry.isDirectory()) return filesBelow(dir, name);
				return [fileAt([name, insideOf(dir, join(dir, name))])];
			});
	} catch (error) {
		throw asMlshipError(error);
	}
}

function fileAt([name, path]: readonly [string, string]): ModelFile {
	return { name, path, byteLength: statSync(path).size };
}

/** Where a link leads: another place of the version at most, since whoever gets the files gets what links name. */
function insideOf(dir: string, path: string): string {
	const real = realpathSync(path);
	const way = relative(realpathSync(dir), real);
	const isInside = way !== "" && way.split(sep)[0] !== ".." && !isAbsolute(way);
	if (isInside && statSync(real).isFile()) return real;
	throw fail(
		"INVALID",
		`cannot deploy ${path}: ${isInside ? "it is no plain file" : `it is a link to ${real}, outside of its version`}`,
		{
			hint: "copy the file to where the link is",
			at: { file: path },
		},
	);
}

/** Over names and contents, each of a length that the other cannot change. */
async function digestOf(files: readonly ModelFile[]): Promise<string> {
	const whole = createHash("sha256");
	for (const { name, path } of files) {
		// it tells of the others, and when it was made
		if (name === MANIFEST_FILE) continue;
		const content = createHash("sha256");
		try {
			await pipeline(createReadStream(path), content);
		} catch (error) {
			throw asMlshipError(error);
		}
		whole.update(`${JSON.stringify(name)} ${content.digest("hex")}\n`);
	}
	return `sha256:${whole.digest("hex")}`;
}
