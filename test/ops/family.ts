import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Case, readCases } from "../cases.js";
import { unpackTar } from "./tar.js";

export const VECTORS = "fixtures/ops";

/** One family of operation vectors, unpacked: a SavedModel with a signature for each use of an operation. */
export interface VectorFamily {
	/** `string`. */
	readonly name: string;
	/** Where it was unpacked: the caller removes it. */
	readonly folder: string;
	/** The SavedModel. */
	readonly dir: string;
	readonly cases: readonly Case[];
}

/** The names of the families, sorted. */
export function familyNames(): string[] {
	return readdirSync(VECTORS)
		.filter((file) => file.endsWith(ARCHIVE))
		.map((file) => basename(file, ARCHIVE))
		.sort();
}

export function unpackFamily(name: string): VectorFamily {
	const folder = mkdtempSync(join(tmpdir(), `mlship-ops-${name}-`));
	unpackTar(gunzipSync(readFileSync(join(VECTORS, name + ARCHIVE))), folder);
	return {
		name,
		folder,
		dir: join(folder, "1"),
		cases: readCases(join(folder, "cases.json")),
	};
}

/** `StringJoin` of `StringJoin__separator`. */
export function operationOf(signature: string): string {
	return signature.split("__")[0];
}

const ARCHIVE = ".tar.gz";
