import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { liteFileAt } from "../lite/file.js";
import { isOnnxName, ONNX_FILE } from "../onnx/file.js";
import { SAVED_MODEL_FILES } from "../savedmodel/read.js";
import { ONLY_VERSION, parseVersion, type VersionEntry } from "./list.js";

/**
 * The versions below a model's path now, ascending, complete or not; none where there are none yet. Nothing waits for the
 * disk meanwhile, which may be far away. Fails with NOT_FOUND where there is no such path, with DENIED and the like.
 */
export async function scanVersions(path: string): Promise<VersionEntry[]> {
	try {
		const { isBare, versions } = await look(path);
		if (!isBare) return versions;
		const version = parseVersion(basename(path)) ?? ONLY_VERSION;
		return [{ version, dir: path }];
	} catch (error) {
		throw asMlshipError(error);
	}
}

async function look(
	path: string,
): Promise<{ isBare: boolean; versions: VersionEntry[] }> {
	if (isOnnxName(path) && (await stat(path)).isFile())
		return { isBare: true, versions: [] };
	if (liteFileAt(path) !== undefined) throw unserved(path);
	const names = await readdir(path);
	const isBare = [...SAVED_MODEL_FILES, ONNX_FILE].some((name) =>
		names.includes(name),
	);
	return { isBare, versions: isBare ? [] : await versionsOf(path, names) };
}

/** No engine runs them. Fails as serving does, wherever it finds one. */
export function unserved(path: string): MlshipError {
	return fail(
		"UNSUPPORTED",
		`cannot serve ${path}: no engine runs files of TensorFlow Lite`,
		{
			hint: "serve the model that it was converted from; mlship predict runs it",
		},
	);
}

/** Of two folders with one number, as `1` and `01`, the shorter name counts. */
async function versionsOf(
	path: string,
	names: readonly string[],
): Promise<VersionEntry[]> {
	const found = new Map<bigint, string>();
	for (const name of [...names].sort((a, b) => a.length - b.length)) {
		const version = parseVersion(name);
		if (version === undefined || found.has(version)) continue;
		const dir = join(path, name);
		const stats = await stat(dir).catch(() => undefined);
		if (stats?.isDirectory()) found.set(version, dir);
	}
	return [...found]
		.map(([version, dir]) => ({ version, dir }))
		.sort((a, b) => (a.version < b.version ? -1 : 1));
}

/** A text that is another one when a file below a path comes, goes, grows or is written again. */
export async function fingerprint(path: string): Promise<string> {
	try {
		const stats = await stat(path);
		if (!stats.isDirectory()) return lineOf(path, stats);
		const names = await readdir(path, { recursive: true });
		const lines = await Promise.all(
			names.sort().map(async (name) => {
				const found = await stat(join(path, name)).catch(() => undefined);
				return found === undefined ? name : lineOf(name, found);
			}),
		);
		return lines.join("\n");
	} catch (error) {
		throw asMlshipError(error);
	}
}

function lineOf(
	name: string,
	{ size, mtimeMs, ino }: { size: number; mtimeMs: number; ino: number },
): string {
	return `${name} ${size} ${mtimeMs} ${ino}`;
}
