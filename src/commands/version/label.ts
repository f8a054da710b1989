import { fail } from "../../lib/errors.js";
import { labelVersion } from "../../lib/repository/change.js";
import { resolveModel } from "../../lib/repository/place.js";
import { changedJson, showEntry } from "../ui/version/change.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Points a label at a version, or takes it away. */
export const runLabel: Run = async ([argument, label], options, context) => {
	const { model, version } = resolveModel(argument, placeOf(options, context));
	const isGone = options.remove === true;
	if (!isGone && version === undefined)
		throw fail(
			"INVALID",
			`cannot label "${argument}": a version is wanted, as ${model.name}@${model.versions.at(-1)?.version}`,
		);
	const changed = await labelVersion(
		model.dir,
		label,
		isGone ? undefined : version,
		changeOptions(`label ${argument} ${label}`, options, context),
	);
	const told =
		changed.entry === undefined
			? `label ${label} points there already`
			: showEntry(changed.entry);
	context.stdout(
		options.json
			? `${JSON.stringify(changedJson(changed, { label }))}\n`
			: `${model.name}: ${told}\n`,
	);
};
