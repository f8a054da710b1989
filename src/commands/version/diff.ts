import { resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import { statPath } from "../../lib/formats/file.js";
import { diffVersions } from "../../lib/release/diff/diff.js";
import {
	findModels,
	findVersion,
	type VersionEntry,
} from "../../lib/repository/list.js";
import { resolveModel } from "../../lib/repository/place.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { diffJson, showDiff } from "../ui/version/diff.js";
import type { VersionCommandOptions } from "../version.js";
import { placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Compares two versions. */
export const runDiff: Run = async ([first, second], options, context) => {
	const [from, to] = [first, second].map((text) =>
		versionAt(text, options, context),
	);
	const diff = diffVersions(from.dir, to.dir);
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(
		options.json
			? `${JSON.stringify({ from: first, to: second, ...diffJson(diff) })}\n`
			: showDiff(`${first} → ${second}`, diff, style),
	);
	if (diff.signatures.some(({ isBreaking }) => isBreaking))
		throw new ReportedFailure("MISMATCH");
};

/** A version of a model, or whatever single version lies at a path. */
function versionAt(
	text: string,
	options: VersionCommandOptions,
	context: CommandContext,
): VersionEntry {
	const path = resolve(context.cwd, text);
	const versions =
		statPath(path) === undefined
			? namedVersions(text, options, context)
			: findModels(path).flatMap((model) => model.versions);
	if (versions.length === 1) return versions[0];
	throw fail(
		"INVALID",
		`cannot compare "${text}": it has versions ${versions.map(({ version }) => version).join(", ")}, one is wanted`,
		{ hint: `name one, as ${text}@${versions.at(-1)?.version}` },
	);
}

function namedVersions(
	text: string,
	options: VersionCommandOptions,
	context: CommandContext,
): readonly VersionEntry[] {
	const { model, version } = resolveModel(text, placeOf(options, context));
	return version === undefined ? model.versions : [findVersion(model, version)];
}
