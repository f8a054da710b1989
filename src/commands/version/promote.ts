import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fail } from "../../lib/errors.js";
import { nearest, quoted } from "../../lib/nearest.js";
import { readDataset } from "../../lib/release/evaluation/dataset.js";
import { METRICS } from "../../lib/release/evaluation/metrics.js";
import type { Evaluation } from "../../lib/release/gate.js";
import { promoteVersion } from "../../lib/release/promote.js";
import { resolveModel } from "../../lib/repository/place.js";
import { parseScale } from "../../lib/tensor/pixel-scale.js";
import type { CommandContext } from "../context.js";
import { real } from "../readers.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { changedJson, showChanged } from "../ui/version/change.js";
import { reportJson, showReport } from "../ui/version/gate.js";
import type { VersionCommandOptions } from "../version.js";
import { changeOptions, placeOf } from "./setting.js";
import type { Run } from "./subcommands.js";

/** Gives a version all requests, if it passes. */
export const runPromote: Run = async ([argument], options, context) => {
	const { model, version } = resolveModel(argument, placeOf(options, context));
	if (version === undefined)
		throw fail(
			"INVALID",
			`cannot promote "${argument}": a version is wanted, as ${model.name}@${model.versions.at(-1)?.version}`,
		);
	const { force, dryRun, engine, message, quiet } = options;
	if (force === true && (message ?? "").trim() === "")
		throw fail(
			"INVALID",
			"cannot force without saying why: --message is wanted",
			{
				hint: 'add --message "why it is promoted nevertheless"',
			},
		);
	const evaluation = readEvaluation(options, context);
	const told = styleFor(colourWanted(context, options, "stderr"));
	const { report, changed } = await promoteVersion(model.dir, version, {
		...changeOptions(`promote ${argument}`, options, context),
		...{ force, dryRun, engine, evaluation },
		report: (found) => {
			if (quiet !== true) context.stderr(showReport(model.name, found, told));
		},
	});
	const style = styleFor(colourWanted(context, options, "stdout"));
	const gate = { version: String(report.version), gate: reportJson(report) };
	if (changed === undefined) {
		const json = { model: model.name, changed: false, ...gate };
		context.stdout(
			options.json
				? `${JSON.stringify(json)}\n`
				: `${model.name}: version ${report.version} would be promoted\n`,
		);
		return;
	}
	context.stdout(
		options.json
			? `${JSON.stringify(changedJson(changed, gate))}\n`
			: showChanged(changed, `promoted version ${report.version}`, style),
	);
};

function readEvaluation(
	options: VersionCommandOptions,
	{ cwd }: CommandContext,
): Evaluation | undefined {
	const { evaluate, min, max, maxDrop, output, signature, engine } = options;
	const alone = ["metric", "min", "max", "maxDrop", "scale", "output"] as const;
	if (evaluate === undefined) {
		const given = alone.find((name) => options[name] !== undefined);
		if (given === undefined) return undefined;
		throw fail(
			"INVALID",
			`cannot use --${given.replace("maxDrop", "max-drop")} without --evaluate: there is nothing to measure`,
			{ hint: "add --evaluate IMAGES+LABELS, or an npz or jsonl file" },
		);
	}
	const name = options.metric ?? "accuracy";
	const metric = Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
	if (metric === undefined)
		throw fail(
			"INVALID",
			`cannot measure "${name}": the metrics are ${quoted(nearest(name, Object.keys(METRICS)))}`,
		);
	const isHigher = metric.better === "higher";
	if ((isHigher ? max : min) !== undefined)
		throw fail(
			"INVALID",
			`cannot use ${isHigher ? "--max" : "--min"} with ${name}: it is better the ${metric.better} it is, ${isHigher ? "--min" : "--max"} is wanted`,
		);
	const bound = isHigher ? min : max;
	const { scale } = options;
	return {
		...{ name, metric, output, signature, engine },
		dataset: readDataset(evaluate.map((path) => inFolder(path, cwd))),
		scale: scale === undefined ? undefined : parseScale(scale),
		bound:
			bound === undefined
				? undefined
				: real(bound, isHigher ? "--min" : "--max"),
		maxDrop: maxDrop === undefined ? undefined : dropOf(maxDrop),
	};
}

/** Each of two paths around a `+`, where there is no file with one in its name. */
function inFolder(path: string, cwd: string): string {
	const whole = resolve(cwd, path);
	return existsSync(whole)
		? whole
		: path
				.split("+")
				.map((part) => resolve(cwd, part))
				.join("+");
}

function dropOf(text: string): number {
	const drop = real(text, "--max-drop");
	if (drop >= 0) return drop;
	throw fail("INVALID", `cannot use --max-drop ${text}: 0 or more is wanted`);
}
