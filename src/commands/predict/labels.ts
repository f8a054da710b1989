import { join, resolve } from "node:path";
import { isFile } from "../../lib/formats/file.js";
import { readLines } from "../../lib/formats/lines.js";
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

/** The lines of `--labels`, else of the version's own file; undefined where there is none. */
export function readLabels(
	dir: string | undefined,
	{ labels }: PredictSettings,
	{ cwd }: CommandContext,
): Labels | undefined {
	if (labels !== undefined)
		return { names: readLines(resolve(cwd, labels)), named: labels };
	if (dir === undefined) return undefined;
	const usual = join(dir, ...USUAL_FILE);
	return isFile(usual)
		? { names: readLines(usual), named: undefined }
		: undefined;
}
