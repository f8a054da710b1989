import { relative, resolve } from "node:path";
import { filesOf, writeFiles } from "../../../lib/deploy/k8s/files.js";
import { manifestsOf } from "../../../lib/deploy/k8s/manifests.js";
import { type Planned, planService } from "../../../lib/deploy/k8s/plan.js";
import { streamOf } from "../../../lib/deploy/k8s/yaml.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import { resolveModels } from "../../../lib/repository/place.js";
import type { CommandContext } from "../../context.js";
import { showNotes, showWritten } from "../../ui/deploy-k8s.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { K8sCommandOptions } from "../k8s.js";

/** Writes, prints or applies the manifests of the models that the argument means. */
export async function runK8s(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd, env } = context;
	const entries = resolveModels(path, { cwd, env, models: options.models });
	const planned = await planService(entries, options);
	if (options.dryRun === true || options.dryRun === "client")
		return printManifests(planned, options, context);
	return write(planned, options, context);
}

function printManifests(
	{ service, notes }: Planned,
	options: K8sCommandOptions,
	context: CommandContext,
): void {
	const objects = manifestsOf(service);
	if (options.json) {
		context.stdout(`${JSON.stringify({ objects, notes })}\n`);
		return;
	}
	context.stdout(streamOf(objects));
	tell(notes, options, context);
}

function write(
	{ service, notes }: Planned,
	options: K8sCommandOptions,
	context: CommandContext,
): void {
	const { cwd } = context;
	const dir = resolve(cwd, options.out ?? "deploy/k8s");
	const { files, kept } = writeFiles(
		dir,
		filesOf(service, manifestsOf(service)),
		{ force: options.force },
	);
	writeRecord({ type: "manifests", dir, service, files }, context);
	if (options.json) {
		context.stdout(`${JSON.stringify({ dir, files, kept, notes })}\n`);
		return;
	}
	const shown = { dir: relative(cwd, dir) || ".", files, kept, service };
	const style = styleFor(colourWanted(context, options, "stdout"));
	context.stdout(showWritten(shown, options, style));
	tell(notes, options, context);
}

function tell(
	notes: readonly string[],
	options: K8sCommandOptions,
	context: CommandContext,
): void {
	const style = styleFor(colourWanted(context, options, "stderr"));
	if (!options.quiet) context.stderr(showNotes(notes, style));
}
