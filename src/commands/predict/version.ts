import { fail } from "../../lib/errors.js";
import { quoted } from "../../lib/nearest.js";
import {
	latestVersion,
	type ModelEntry,
	type VersionEntry,
} from "../../lib/repository/list.js";
import { resolveModels } from "../../lib/repository/place.js";
import { isComplete } from "../../lib/repository/ready.js";
import type { CommandContext } from "../context.js";
import type { PredictOptions } from "../predict.js";

/**
 * The version that an argument means: of one model, the one that is named, else the latest that is complete. Fails with
 * NOT_FOUND, or with INVALID where several models are meant.
 */
export function versionToRun(
	argument: string | undefined,
	{ models, quiet }: PredictOptions,
	{ cwd, env, stderr }: CommandContext,
): VersionEntry {
	const found = resolveModels(argument, { cwd, env, models });
	if (found.length > 1)
		throw fail(
			"INVALID",
			`cannot run ${found.length} models: ${quoted(found.map(({ name }) => name))} are there, one is wanted`,
			{ hint: `run mlship predict ${found[0].name} …` },
		);
	const [model] = found;
	const latest = latestVersion(model);
	const chosen = latestComplete(model) ?? latest;
	if (chosen !== latest && !quiet)
		stderr(
			`note: version ${latest.version} is not complete, version ${chosen.version} is taken\n`,
		);
	return chosen;
}

function latestComplete({ versions }: ModelEntry): VersionEntry | undefined {
	return versions.length === 1
		? versions[0]
		: versions.findLast(({ dir }) => isComplete(dir).complete);
}
