import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { asMlshipError, fail } from "../errors.js";
import { isFolder, listFolder, statPath } from "../formats/file.js";
import { byVersion, MAX_VERSION, parseVersion } from "./number.js";

export interface Publication {
	/** The model's folder, absolute. */
	readonly dir: string;
	readonly version: bigint;
}

/**
 * Where a new version goes: `models/digits` means the number after the last one, `models/digits/3` that one. Fails with
 * INVALID where the version exists, unless it may be replaced, or where the path is that of something else.
 */
export function planVersion(
	path: string,
	{ replace = false }: { readonly replace?: boolean | undefined } = {},
): Publication {
	const dir = resolve(path);
	const named = parseVersion(basename(dir));
	const model = named === undefined ? dir : dirname(dir);
	if (statPath(model) !== undefined && !isFolder(model))
		throw fail("INVALID", `cannot add a version to ${model}: it is no folder`, {
			at: { path: model },
		});
	const existing = isFolder(model) ? versionsIn(model) : [];
	const version = named ?? (existing.at(-1) ?? 0n) + 1n;
	if (version > MAX_VERSION)
		throw fail("INVALID", `cannot add a version after ${version - 1n}`);
	if (existing.includes(version) && !replace)
		throw fail(
			"INVALID",
			`cannot add version ${version} of ${model}: it exists`,
			{
				hint: "give the model's folder for the next free number, or --force to replace it",
				at: { path: model },
			},
		);
	return { dir: model, version };
}

/**
 * Makes a version: `write` fills a hidden folder beside the others, which gets its name when it is whole, so that whoever
 * looks sees all of it or nothing. The folder of the version; what was there before is gone.
 */
export function publishVersion(
	{ dir, version }: Publication,
	write: (folder: string) => void,
): string {
	const target = join(dir, String(version));
	const made = join(dir, `.${version}.making-${process.pid}`);
	const old = join(dir, `.${version}.replaced-${process.pid}`);
	try {
		mkdirSync(dir, { recursive: true });
		rmSync(made, { recursive: true, force: true });
		mkdirSync(made);
		write(made);
		if (statPath(target) !== undefined) renameSync(target, old);
		renameSync(made, target);
		return target;
	} catch (error) {
		if (statPath(old) !== undefined && statPath(target) === undefined)
			renameSync(old, target);
		throw asMlshipError(error);
	} finally {
		rmSync(made, { recursive: true, force: true });
		rmSync(old, { recursive: true, force: true });
	}
}

/** The numbers that are taken, ascending, whatever is behind them. */
export function versionsIn(dir: string): bigint[] {
	return listFolder(dir)
		.map(parseVersion)
		.filter((version) => version !== undefined)
		.sort(byVersion);
}
