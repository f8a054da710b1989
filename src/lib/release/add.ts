import { join } from "node:path";
import type { EngineOptions } from "../engines/engine.js";
import { asMlshipError, fail } from "../errors.js";
import { DISK, type Disk } from "../formats/disk.js";
import {
	checkManifest,
	MANIFEST_FILE,
	readManifest,
	writeManifest,
} from "../repository/manifest.js";
import type { ChangeOptions } from "../repository/repository.js";
import {
	freeVersion,
	openStaging,
	type PublishedVersion,
	publishStaged,
} from "../repository/staging.js";
import type { Source } from "./source.js";
import { checkWorks, type Works } from "./verify.js";

export interface AddOptions extends ChangeOptions, EngineOptions {
	/** The number of the version; the next free one without. */
	readonly version?: bigint | undefined;
	/** Hard links instead of copies. */
	readonly link?: boolean | undefined;
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string | undefined;
	/** Take also what cannot run here, as TensorFlow Serving may run it. */
	readonly force?: boolean | undefined;
	/** Tries a version; tests give one of their own. */
	readonly check?: typeof checkWorks;
}

export interface Added extends PublishedVersion {
	/** What trying it told; undefined where it could not run and was taken nevertheless. */
	readonly works: Works | undefined;
}

/**
 * Makes a source the next version of a model, as a whole or not at all: it is copied beside the other versions, checked,
 * opened, given its digests, and gets its number last. Fails as `freeVersion`, `checkWorks` and the source do.
 */
export async function addVersion(
	dir: string,
	source: Source,
	options: AddOptions,
): Promise<Added> {
	const { disk = DISK, version, link, force = false, warn } = options;
	freeVersion(dir, version);
	const staging = openStaging(disk, dir);
	try {
		await source.fill(disk, staging.folder, { link });
		const works = await tried(staging.folder, options).catch((error) => {
			const { code, message } = asMlshipError(error);
			if (!force || code !== "UNSUPPORTED") throw error;
			warn?.(`${message}; it is added nevertheless`);
			return undefined;
		});
		const now = options.now?.() ?? new Date();
		await forgetManifest(disk, staging.folder);
		const digest = await writeManifest(disk, staging.folder, now);
		const published = await publishStaged(staging, version, digest, options);
		return { ...published, works };
	} catch (error) {
		throw inWords(error, dir);
	} finally {
		staging.remove();
	}
}

/** A version of another repository is to be what it was there. */
async function forgetManifest(disk: Disk, folder: string): Promise<void> {
	if (readManifest(folder) === undefined) return;
	await checkManifest(folder);
	disk.remove(join(folder, MANIFEST_FILE));
}

async function tried(folder: string, options: AddOptions): Promise<Works> {
	const { check = checkWorks } = options;
	const works = await check(folder, options);
	if (works.trouble === undefined) return works;
	throw works.trouble;
}

/** The place where it was tried means nothing to anybody, and is gone. */
function inWords(error: unknown, dir: string): Error {
	const { code, message, hint, cause } = asMlshipError(error);
	const said = message.replaceAll(
		/[^\s"']*\/\.adding-[^/\s]+\/version/g,
		"the version",
	);
	return fail(code, said, {
		...(hint !== undefined && { hint }),
		at: { path: dir },
		cause: cause ?? error,
	});
}
