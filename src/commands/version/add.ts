import { basename, dirname, join, resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import { statPath } from "../../lib/formats/file.js";
import { addVersion } from "../../lib/release/add.js";
import { sourceAt } from "../../lib/release/source.js";
import { MAX_VERSION, parseVersion } from "../../lib/repository/number.js";
import { defaultModelsPath } from "../../lib/repository/place.js";
import {
	checkModelName,
	parseReference,
} from "../../lib/repository/reference.js";
import type { CommandContext } from "../context.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { addedJson, showAdded } from "../ui/version/add.js";
import type { VersionCommandOptions } from "../version.js";
import { changeOptions, placeOf, shownPath } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Makes a model the next version of a model's folder. */
export const runAdd: Run = async ([path, target], options, context) => {
	const source = sourceAt(resolve(context.cwd, path));
	const { dir, version } = targetOf(target ?? source.name, options, context);
	const { link, force, engine } = options;
	const name = basename(dir);
	const command = `add ${name}${version === undefined ? "" : `@${version}`}`;
	const added = await addVersion(dir, source, {
		...changeOptions(command, options, context),
		...{ version, link, force, engine },
	});
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify(addedJson(name, added))}\n`
			: showAdded(name, shownPath(added.dir, context), added, options, style),
	);
};

interface Target {
	readonly dir: string;
	readonly version: bigint | undefined;
}

/** `digits`, `digits@7`, `./models/digits`, `models/digits/7`. */
function targetOf(
	text: string,
	options: VersionCommandOptions,
	context: CommandContext,
): Target {
	const { name, version } = parseReference(text);
	const isPath = /[\\/]/.test(name);
	// a relative path that climbs is a name from somewhere else rather than a place
	if (isPath && name.split(/[\\/]/).includes(".."))
		throw fail(
			"INVALID",
			`cannot add to ${name}: it leads out of the repository`,
			{ hint: "give the model's name, or the whole path of its folder" },
		);
	const place = isPath
		? resolve(context.cwd, name)
		: join(repositoryOf(options, context), checkModelName(name));
	const numbered =
		isPath && version === undefined ? parseVersion(basename(place)) : undefined;
	const dir = numbered === undefined ? place : dirname(place);
	checkModelName(basename(dir));
	return { dir, version: numbered ?? numberOf(version) };
}

/** `./models` is made where there is none yet. */
function repositoryOf(
	options: VersionCommandOptions,
	context: CommandContext,
): string {
	const { models, env } = placeOf(options, context);
	const isNamed = (models ?? env.MLSHIP_MODELS ?? "") !== "";
	const usual = join(context.cwd, "models");
	return isNamed || statPath(usual) !== undefined
		? defaultModelsPath(placeOf(options, context))
		: usual;
}

function numberOf(text: string | undefined): bigint | undefined {
	if (text === undefined) return undefined;
	const version = parseVersion(text);
	if (version === undefined)
		throw fail(
			"INVALID",
			`cannot add version ${JSON.stringify(text.slice(0, 100))}: a whole number from 0 to ${MAX_VERSION} is wanted`,
			{ hint: "leave it out for the next free number" },
		);
	return version;
}
