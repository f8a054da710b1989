import {
	chmodSync,
	constants,
	copyFileSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { asMlshipError, fail } from "../../errors.js";
import { isFile, isFolder, listFolder, statPath } from "../../formats/file.js";
import { ENTRY_TIME, type TarEntry } from "../../formats/tar.js";
import { isOwnDockerfile } from "./dockerfile.js";

/** What of a context lies at its top. */
const OWN = [".dockerignore", "Dockerfile", "config", "server", "versions"];

/**
 * Looks whether a context may be written to a folder, before anything is done for it: one that is new, empty or has a context
 * of ours. Fails with INVALID for others, unless what is in the way may be replaced.
 */
export function checkContextFolder(dir: string, force = false): void {
	if (statPath(dir) === undefined) return;
	const wrong = (found: string, hint: string) =>
		fail("INVALID", `cannot write a build context to ${dir}: ${found}`, {
			hint,
			at: { file: dir },
		});
	if (!isFolder(dir))
		throw wrong("it is a file, a folder is wanted", "give another --out");
	const dockerfile = join(dir, "Dockerfile");
	if (force) return;
	if (isFile(dockerfile)) {
		if (isOwnDockerfile(readFileSync(dockerfile, "utf8"))) return;
		throw wrong(
			"its Dockerfile is not one that mlship made",
			"give another --out, or --force to replace it",
		);
	}
	if (listFolder(dir).some((name) => !name.startsWith(".mlship-")))
		throw wrong(
			"it is not empty, and has no context that mlship made",
			"give another --out, or --force to write beside what is there",
		);
}

/**
 * Writes a context to a folder that `checkContextFolder` let pass. All is written beside its place first, so that what is there
 * is a whole one, the old or the new.
 */
export function writeContext(dir: string, entries: readonly TarEntry[]): void {
	const made = join(dir, `.mlship-${process.pid}`);
	try {
		mkdirSync(made, { recursive: true });
		for (const entry of entries) writeEntry(made, entry);
		// from within, as a folder's time changes with what comes into it
		for (const { name } of entries.toReversed())
			utimesSync(join(made, name), ENTRY_TIME, ENTRY_TIME);
		for (const name of OWN) {
			rmSync(join(dir, name), { recursive: true, force: true });
			if (statPath(join(made, name)) !== undefined)
				renameSync(join(made, name), join(dir, name));
		}
	} catch (error) {
		throw asMlshipError(error);
	} finally {
		rmSync(made, { recursive: true, force: true });
	}
}

function writeEntry(dir: string, { name, content, mode }: TarEntry): void {
	const path = join(dir, name);
	if (name.endsWith("/")) {
		mkdirSync(path, { recursive: true });
		return;
	}
	mkdirSync(dirname(path), { recursive: true });
	if (content instanceof Uint8Array) writeFileSync(path, content);
	// shares blocks with the file where the disk can
	else copyFileSync(content.path, path, constants.COPYFILE_FICLONE);
	chmodSync(path, mode);
}
