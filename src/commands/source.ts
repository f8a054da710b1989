import { resolve } from "node:path";
import { modelFileAt, modelFileName } from "../lib/convert/sources/place.js";
import { fail } from "../lib/errors.js";
import { isFile } from "../lib/formats/file.js";
import { isLiteName } from "../lib/lite/file.js";
import { ONLY_VERSION } from "../lib/repository/list.js";
import { resolveModels } from "../lib/repository/place.js";
import { type ChosenVersion, versionOf } from "./choice.js";
import type { CommandContext, GlobalOptions } from "./context.js";

/** The version that a path means, to be converted; a model that is no SavedModel is one by itself. */
export function sourceOf(
	path: string | undefined,
	command: string,
	options: GlobalOptions & { readonly models?: string },
	context: CommandContext,
): ChosenVersion {
	const { cwd, env } = context;
	const file = path === undefined ? undefined : fileToRead(resolve(cwd, path));
	if (file !== undefined)
		return {
			name: modelFileName(file),
			version: { version: ONLY_VERSION, dir: file },
		};
	const { models } = options;
	const found = resolveModels(path, { cwd, env, models });
	return versionOf(found, command, options, context);
}

/** Files of other runtimes are read too, to say why they are refused. */
function fileToRead(path: string): string | undefined {
	return isLiteName(path) && isFile(path) ? path : modelFileAt(path);
}

/** `x,y:0` in its parts. */
export function listOf(
	text: string | undefined,
): readonly string[] | undefined {
	return text?.split(",").filter((name) => name !== "");
}

/** `--tolerance`. Fails with INVALID. */
export function toleranceOf(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const tolerance = Number(text || Number.NaN);
	if (!(tolerance >= 0))
		throw fail(
			"INVALID",
			`cannot use --tolerance ${text}: a number from 0 on is wanted, as 0.001`,
		);
	return tolerance;
}
