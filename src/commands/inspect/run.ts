import { relative, resolve } from "node:path";
import type { SignatureTargets } from "../../lib/convert/survey.js";
import type {
	SignatureEngines,
	SurveyOptions,
} from "../../lib/engines/survey.js";
import { asMlshipError } from "../../lib/errors.js";
import {
	latestVersion,
	type ModelEntry,
	type VersionEntry,
} from "../../lib/repository/list.js";
import { parseReference } from "../../lib/repository/reference.js";
import { summarizeVersion } from "../../lib/repository/version.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import { withSignature } from "../../lib/savedmodel/summary.js";
import { type CommandContext, ReportedFailure } from "../context.js";
import type { InspectOptions } from "../inspect.js";
import { type OpenedModels, openModels } from "../model-file.js";
import { type Inspected, showInspected } from "../ui/inspect.js";
import { showEngines } from "../ui/inspect-engines.js";
import { showExample } from "../ui/inspect-example.js";
import { inspectedJson } from "../ui/inspect-json.js";
import { showOverview } from "../ui/inspect-overview.js";
import { showTargets } from "../ui/inspect-targets.js";
import { colourWanted, styleFor } from "../ui/style.js";
import { exampleOf } from "./example.js";
import { sectionsOf } from "./sections.js";

/** Inspects the models that the argument means, and prints them in the form that the options ask for. */
export async function runInspect(
	argument: string | undefined,
	options: InspectOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, env } = context;
	const opened = await openModels(argument, {
		...{ cwd, env },
		models: options.models,
	});
	try {
		await inspectModels(argument, opened, options, context);
	} finally {
		opened.close();
	}
}

async function inspectModels(
	argument: string | undefined,
	{ models, path }: OpenedModels,
	options: InspectOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, stdout } = context;
	if (options.compat !== undefined) {
		const { compatText } = await import("./compat.js");
		for (const model of models)
			stdout(compatText(latestVersion(model).dir, options));
		return;
	}
	const isVersionNamed =
		parseReference(argument ?? "").version !== undefined || options.all;
	const inspected: Inspected[] = [];
	for (const model of models)
		for (const version of options.all
			? model.versions
			: [latestVersion(model)]) {
			const urlPath = isVersionNamed ? `/versions/${version.version}` : "";
			inspected.push(
				await inspectVersion(model, version, {
					...{ ...options, urlPath, cwd },
					path,
				}),
			);
		}
	const failures = inspected.flatMap(({ error }) => error ?? []);
	if (inspected.length === 1 && failures.length === 1) throw failures[0];
	stdout(textOf(inspected, models.length, options, context));
	if (failures.length > 0) throw new ReportedFailure(failures[0].code);
}

interface VersionOptions extends InspectOptions {
	/** Of the version in a URL; empty for the latest. */
	readonly urlPath: string;
	readonly cwd: string;
	/** Of the file that was named, where that is no SavedModel. */
	readonly path: string | undefined;
}

/** One broken model does not hide the others: its failure is part of the result. */
async function inspectVersion(
	{ name, versions }: ModelEntry,
	{ version, dir }: VersionEntry,
	options: VersionOptions,
): Promise<Inspected> {
	const head = {
		name,
		version,
		versions: versions.map((entry) => entry.version),
		dir: options.path === undefined ? dir : resolve(options.cwd, options.path),
		path: options.path ?? (relative(options.cwd, dir) || "."),
	};
	try {
		const tags = parseTags(options.tagSet);
		const summary = summarizeVersion(dir, tags);
		const { signature, urlPath } = options;
		const shown =
			signature === undefined ? summary : withSignature(summary, signature);
		return {
			...head,
			summary: { ...shown, dir: head.dir },
			...(options.engines
				? { engines: await askEngines(dir, { tags, signature }) }
				: {}),
			...(options.targets
				? { targets: await askTargets(dir, { tags, signature }) }
				: {}),
			...(options.example
				? { example: exampleOf({ name, dir, path: urlPath }, options) }
				: {}),
		};
	} catch (error) {
		return { ...head, error: asMlshipError(error) };
	}
}

async function askEngines(
	dir: string,
	options: SurveyOptions,
): Promise<readonly SignatureEngines[]> {
	const { surveyEngines } = await import("../../lib/engines/survey.js");
	return surveyEngines(dir, options);
}

async function askTargets(
	dir: string,
	options: SurveyOptions,
): Promise<readonly SignatureTargets[]> {
	const { surveyTargets } = await import("../../lib/convert/survey.js");
	return surveyTargets(dir, options);
}

function textOf(
	inspected: readonly Inspected[],
	modelCount: number,
	options: InspectOptions,
	context: CommandContext,
): string {
	if (options.json) return `${JSON.stringify(inspectedJson(inspected))}\n`;
	const style = styleFor(colourWanted(context, options, "stdout"));
	const sections = sectionsOf(options);
	if (options.engines)
		return inspected.map((model) => showEngines(model, style)).join("\n");
	if (options.targets)
		return inspected.map((model) => showTargets(model, style)).join("\n");
	if (options.example)
		return inspected.map((model) => showExample(model, style)).join("\n");
	if (modelCount > 1 && sections.isDefault)
		return showOverview(inspected, style);
	return inspected
		.map((model) => showInspected(model, sections, style))
		.join("\n");
}
