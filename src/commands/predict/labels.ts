import { join, resolve } from "node:path";
import { isFile, readWhole } from "../../lib/formats/file.js";
import type { CommandContext } from "../context.js";
import type { PredictSettings } from "./settings.js";

export interface Labels {
	/** By class; empty lines keep their place. */
	readonly names: readonly string[];
	/** The file, if somebody named it: then it must fit. */
	readonly named: string | undefined;
}

/** Where a version keeps the names of its classes. */
const USUAL_FILE = ["assets.extra", "labels.txt"];

/** No list of classes is longer. */
const MAX_LABEL_BYTES = 2 ** 26;

/** The lines of `--labels`, else of the version's own file; undefined where there is none. */
export function readLabels(
	dir: string | undefined,
	{ labels }: PredictSettings,
	{ cwd }: CommandContext,
): Labels | undefined {
	if (labels !== undefined)
		return { names: lines(resolve(cwd, labels)), named: labels };
	if (dir === undefined) return undefined;
	const usual = join(dir, ...USUAL_FILE);
	return isFile(usual) ? { names: lines(usual), named: undefined } : undefined;
}

function lines(path: string): string[] {
	const text = Buffer.from(readWhole(path, MAX_LABEL_BYTES)).toString();
	return text
		.replace(/^\uFEFF/, "")
		.trimEnd()
		.split(/\r?\n/)
		.map((line) => line.trim());
}
