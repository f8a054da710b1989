import { relative, resolve } from "node:path";
import {
	type ConversionPlan,
	obstructed,
	planConversion,
	writeConversion,
} from "../../lib/convert/convert.js";
import { modelFileAt, modelFileName } from "../../lib/convert/sources/place.js";
import { loadTarget } from "../../lib/convert/targets.js";
import { fail } from "../../lib/errors.js";
import { isFile } from "../../lib/formats/file.js";
import { isLiteName } from "../../lib/lite/file.js";
import { ONLY_VERSION } from "../../lib/repository/list.js";
import { resolveModels } from "../../lib/repository/place.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import { type ChosenVersion, versionOf } from "../choice.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import type { ConvertCommandOptions } from "../convert.js";
import { showConversion, showPlan } from "../ui/convert.js";
import { conversionJson, planJson } from "../ui/convert-json.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { readSettings } from "./flags.js";

/** Converts the version that the argument means, and prints what was made. */
export async function runConvert(
	path: string | undefined,
	options: ConvertCommandOptions,
	context: CommandContext,
): Promise<void> {
	const target = await loadTarget(options.target ?? "");
	const settings = readSettings({ ...options }, target.name, target.takes);
	const tolerance = readTolerance(options.tolerance);
	const found = modelOf(path, options, context);
	const plan = await planConversion(found.version.dir, {
		target: target.name,
		settings,
		signature: options.signature,
		inputs: listOf(options.inputs),
		outputs: listOf(options.outputs),
		allSignatures: options.allSignatures,
		tags: parseTags(options.tagSet),
	});
	try {
		await carryOut(plan, { ...found, tolerance }, options, context);
	} finally {
		plan.source.close();
	}
}

interface Chosen extends ChosenVersion {
	readonly tolerance: number | undefined;
}

async function carryOut(
	plan: ConversionPlan,
	{ name, version, tolerance }: Chosen,
	options: ConvertCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, stdout } = context;
	const { target } = plan;
	const style = styleFor(colourWanted(context, options, "stdout"));
	const shown = { name, version: version.version, cwd };
	if (options.dryRun) {
		stdout(
			options.json
				? `${JSON.stringify(planJson(plan))}\n`
				: showPlan(plan, shown, style),
		);
		if (plan.obstacles.length > 0) throw new ReportedFailure("UNSUPPORTED");
		return;
	}
	if (plan.obstacles.length > 0 && options.json) {
		const { code, message, hint, at } = obstructed(plan);
		stdout(
			`${JSON.stringify({ error: { code, message, hint, at }, ...planJson(plan) })}\n`,
		);
		throw new ReportedFailure(code);
	}
	const out = options.out ?? `${name}${target.extension ?? `-${target.name}`}`;
	const conversion = await writeConversion(plan, {
		out: resolve(cwd, out),
		force: options.force ?? false,
		verify: options.verify,
		tolerance,
		data: options.data === undefined ? undefined : resolve(cwd, options.data),
	});
	const { mismatch } = conversion;
	if (options.json) {
		const { code, message, hint, at } = mismatch ?? {};
		const error = mismatch && { error: { code, message, hint, at } };
		stdout(`${JSON.stringify({ ...error, ...conversionJson(conversion) })}\n`);
		if (code !== undefined) throw new ReportedFailure(code);
		return;
	}
	const main = relative(cwd, conversion.main);
	stdout(showConversion(conversion, { ...shown, main }, style));
	if (mismatch !== undefined) throw mismatch;
}

/** The version that a path means; a model that is no SavedModel is one by itself. */
function modelOf(
	path: string | undefined,
	options: ConvertCommandOptions,
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
	return versionOf(found, "convert", options, context);
}

/** Files of other runtimes are read too, to say why they are refused. */
function fileToRead(path: string): string | undefined {
	return isLiteName(path) && isFile(path) ? path : modelFileAt(path);
}

function listOf(text: string | undefined): readonly string[] | undefined {
	return text?.split(",").filter((name) => name !== "");
}

function readTolerance(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const tolerance = Number(text || Number.NaN);
	if (!(tolerance >= 0))
		throw fail(
			"INVALID",
			`cannot use --tolerance ${text}: a number from 0 on is wanted, as 0.001`,
		);
	return tolerance;
}
