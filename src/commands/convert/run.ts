import { relative, resolve } from "node:path";
import {
	type ConversionPlan,
	obstructed,
	planConversion,
	writeConversion,
} from "../../lib/convert/convert.js";
import { loadTarget } from "../../lib/convert/targets.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import type { ChosenVersion } from "../choice.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import type { ConvertCommandOptions } from "../convert.js";
import { listOf, sourceOf, toleranceOf } from "../source.js";
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
	const tolerance = toleranceOf(options.tolerance);
	const found = sourceOf(path, "convert", options, context);
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
		signal: context.signal,
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
