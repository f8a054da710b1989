import type { VersionEntry } from "../../lib/repository/list.js";
import { resolveModels } from "../../lib/repository/place.js";
import { versionOf } from "../choice.js";
import type { CommandContext } from "../context.js";
import type { PredictOptions } from "../predict.js";

/**
 * The version that an argument means: of one model, the one that is named, else the latest that is complete. Fails with
 * NOT_FOUND, or with INVALID where several models are meant.
 */
export function versionToRun(
	argument: string | undefined,
	options: PredictOptions,
	context: CommandContext,
): VersionEntry {
	const { cwd, env } = context;
	const { models } = options;
	const found = resolveModels(argument, { cwd, env, models });
	return versionOf(found, "predict", options, context).version;
}
