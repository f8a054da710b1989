import { fail } from "../lib/errors.js";
import { quoted } from "../lib/nearest.js";
import {
	latestVersion,
	type ModelEntry,
	type VersionEntry,
} from "../lib/repository/list.js";
import { isComplete } from "../lib/repository/ready.js";
import type { CommandContext, GlobalOptions } from "./context.js";

export interface ChosenVersion {
	/** Of the model. */
	readonly name: string;
	readonly version: VersionEntry;
}

/**
 * The version that a command is to work on: of one model, the latest that is complete. Fails with INVALID where there are
 * several models.
 */
export function versionOf(
	models: readonly ModelEntry[],
	command: string,
	{ quiet }: GlobalOptions,
	{ stderr }: Pick<CommandContext, "stderr">,
): ChosenVersion {
	if (models.length > 1)
		throw fail(
			"INVALID",
			`cannot ${command === "predict" ? "run" : command} ${models.length} models: ${quoted(models.map(({ name }) => name))} are there, one is wanted`,
			{ hint: `run mlship ${command} ${models[0].name} …` },
		);
	const [model] = models;
	const latest = latestVersion(model);
	const chosen = latestComplete(model) ?? latest;
	if (chosen !== latest && !quiet)
		stderr(
			`note: version ${latest.version} is not complete, version ${chosen.version} is taken\n`,
		);
	return { name: model.name, version: chosen };
}

function latestComplete({ versions }: ModelEntry): VersionEntry | undefined {
	return versions.length === 1
		? versions[0]
		: versions.findLast(({ dir }) => isComplete(dir).complete);
}
