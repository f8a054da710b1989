import { dirname, join } from "node:path";
import { asMlshipError, fail } from "../errors.js";
import { DISK, type Disk } from "../formats/disk.js";
import { isFolder } from "../formats/file.js";
import { clearLeftovers } from "./leftovers.js";
import { findModels, type ModelEntry } from "./list.js";
import { withLock } from "./lock.js";
import { MODELS_CONFIG, writeModelsConfig } from "./models-config.js";

/** Beside the models; a name that no reader of repositories looks at. */
export const LOCK_FILE = ".mlship.lock";

/** How a repository is changed. */
export interface ChangeOptions {
	/** What the processes are told that wait meanwhile: `promote digits@2`. */
	readonly command: string;
	readonly who: string;
	readonly message?: string | undefined;
	/** How long to wait for another process, in milliseconds. */
	readonly waitMs?: number;
	/** See `ModelsConfigOptions`. */
	readonly basePath?: string | undefined;
	readonly disk?: Disk;
	readonly now?: () => Date;
	/** Hears what is not as it could be, and changes nothing. */
	readonly warn?: (message: string) => void;
}

/**
 * Changes a model's folder while no other process changes the repository that it lies in, and writes the repository's
 * `models.config` anew. Fails as `withLock` does.
 */
export async function changeRepository<T>(
	modelDir: string,
	options: ChangeOptions,
	change: (disk: Disk) => T,
): Promise<T> {
	const { disk = DISK, command, waitMs = WAIT_MS, warn } = options;
	const root = dirname(modelDir);
	if (!isFolder(root))
		throw fail(
			"NOT_FOUND",
			`cannot change ${modelDir}: there is no folder ${root}`,
			{ at: { path: root } },
		);
	return withLock(join(root, LOCK_FILE), { disk, command, waitMs }, () => {
		clearLeftovers(disk, root);
		if (isFolder(modelDir)) clearLeftovers(disk, modelDir);
		const changed = change(disk);
		const trouble = whyNotWritten(disk, root, options);
		if (trouble !== undefined)
			warn?.(`${join(root, MODELS_CONFIG)} stays as it is: ${trouble}`);
		return changed;
	});
}

/** How long to wait for another process, unless somebody says otherwise. */
export const WAIT_MS = 10_000;

/** What another model's `mlship.json` says does not undo a change. */
function whyNotWritten(
	disk: Disk,
	root: string,
	{ basePath }: ChangeOptions,
): string | undefined {
	try {
		const isOurs = writeModelsConfig(disk, root, { basePath });
		return isOurs ? undefined : "it was not written by mlship";
	} catch (error) {
		return asMlshipError(error).message;
	}
}

/** The model at its own folder as it is now; fails with NOT_FOUND. */
export function modelNow(dir: string): ModelEntry {
	const [model] = findModels(dir);
	if (model.dir === dir && model.only !== true) return model;
	throw fail(
		"INVALID",
		`cannot change ${dir}: it is one version without a number, a folder of numbered ones was wanted`,
		{ hint: "run mlship version add to make it a version of a model" },
	);
}
