import { fail } from "../../lib/errors.js";
import { hold } from "../../lib/repository/change.js";
import { historyJson } from "../../lib/repository/history.js";
import { resolveModel } from "../../lib/repository/place.js";
import { removable, removeVersion } from "../../lib/repository/remove.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Removes a version that nobody asks. */
export const runRemove: Run = async ([argument], options, context) => {
	const { model, version } = resolveModel(argument, placeOf(options, context));
	if (version === undefined)
		throw fail(
			"INVALID",
			`cannot remove "${argument}": a version is wanted, as ${model.name}@${model.versions[0].version}`,
		);
	if (options.dryRun === true) {
		const entry = removable(hold(model.dir), version);
		const json = {
			model: model.name,
			changed: false,
			version: String(entry.version),
		};
		context.stdout(
			options.json
				? `${JSON.stringify(json)}\n`
				: `${model.name}: version ${entry.version} would be removed\n`,
		);
		return;
	}
	const entry = await removeVersion(
		model.dir,
		version,
		changeOptions(`remove ${argument}`, options, context),
	);
	const json = {
		model: model.name,
		changed: true,
		version: String(entry.version),
		entry: historyJson(entry),
	};
	context.stdout(
		options.json
			? `${JSON.stringify(json)}\n`
			: `${model.name}: removed version ${entry.version}\n`,
	);
};
