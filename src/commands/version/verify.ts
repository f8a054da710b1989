import { DISK } from "../../lib/formats/disk.js";
import {
	type Check,
	firstTrouble,
	verifyVersion,
} from "../../lib/release/verify.js";
import { findVersion, type ModelEntry } from "../../lib/repository/list.js";
import { readManifest, writeManifest } from "../../lib/repository/manifest.js";
import { resolveModel, resolveModels } from "../../lib/repository/place.js";
import { readState } from "../../lib/repository/state.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { showChecks } from "../ui/version/verify.js";
import type { VersionCommandOptions } from "../version.js";
import { placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Checks versions, and says of each what was looked at; the exit status is that of the first that is not well. */
export const runVerify: Run = async ([argument], options, context) => {
	const style = styleFor(colourWanted(context, options, "stdout"));
	const all: { model: string; version: string; checks: readonly Check[] }[] =
		[];
	for (const { name, dir, versions } of meant(argument, options, context)) {
		const { digests } = readState(dir);
		for (const entry of versions) {
			if (options.record === true && readManifest(entry.dir) === undefined)
				await writeManifest(DISK, entry.dir, new Date());
			const digest = digests.get(entry.version);
			const { engine } = options;
			const checks = await verifyVersion(entry.dir, { digest, engine });
			const version = String(entry.version);
			all.push({ model: name, version, checks });
			if (options.json !== true)
				context.stdout(showChecks(`${name}@${version}`, checks, style));
		}
	}
	if (options.json === true)
		context.stdout(
			`${JSON.stringify({
				versions: all.map(({ model, version, checks }) => ({
					model,
					version,
					ok: firstTrouble(checks) === undefined,
					checks: checks.map(({ name, state, told, error }) => ({
						...{ name, state, told },
						...(error !== undefined && { code: error.code }),
					})),
				})),
			})}\n`,
		);
	const trouble = all
		.map(({ checks }) => firstTrouble(checks))
		.find((error) => error !== undefined);
	if (trouble !== undefined) throw new ReportedFailure(trouble.code);
};

function meant(
	argument: string | undefined,
	options: VersionCommandOptions,
	context: CommandContext,
): ModelEntry[] {
	const place = placeOf(options, context);
	if (argument === undefined) return resolveModels(undefined, place);
	const { model, version } = resolveModel(argument, place);
	return [
		version === undefined
			? model
			: { ...model, versions: [findVersion(model, version)] },
	];
}
