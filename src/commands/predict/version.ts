import { versionOf } from "../choice.js";
import type { CommandContext } from "../context.js";
import { openModels } from "../model-file.js";
import type { PredictOptions } from "../predict.js";

/** A version to run. Has a lifetime: until `close`. */
export interface OpenedVersion {
	readonly dir: string;
	close(): void;
}

/**
 * The version that an argument means: of one model, the one that is named, else the latest that is complete. Fails with
 * NOT_FOUND, or with INVALID where several models are meant.
 */
export async function versionToRun(
	argument: string | undefined,
	options: PredictOptions,
	context: CommandContext,
): Promise<OpenedVersion> {
	const { cwd, env } = context;
	const { models } = options;
	const opened = await openModels(argument, { cwd, env, models });
	const { version } = versionOf(opened.models, "predict", options, context);
	return { dir: version.dir, close: opened.close };
}
