import { relative, resolve } from "node:path";
import { filesOf, writeFiles } from "../../../lib/deploy/k8s/files.js";
import { manifestsOf } from "../../../lib/deploy/k8s/manifests.js";
import { planService } from "../../../lib/deploy/k8s/plan.js";
import { streamOf } from "../../../lib/deploy/k8s/yaml.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import { fail } from "../../../lib/errors.js";
import type { CommandContext } from "../../context.js";
import { showWritten } from "../../ui/deploy-k8s.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { K8sCommandOptions } from "../k8s.js";
import { createCluster } from "./create.js";
import { tell } from "./notes.js";
import { modelsOf } from "./planned.js";

type Run = (
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
) => Promise<void>;

interface Mode {
	readonly flag: string;
	isAsked(options: K8sCommandOptions): boolean;
	readonly run: Run;
}

/** THE list of what can be asked for, one at a time; without any manifests are written. */
const MODES: readonly Mode[] = [
	{
		flag: "--dry-run",
		isAsked: ({ dryRun }) => dryRun !== undefined && dryRun !== "server",
		run: printManifests,
	},
	{
		flag: "--dry-run=server",
		isAsked: ({ dryRun }) => dryRun === "server",
		run: async (...given) =>
			(await import("./cluster.js")).checkInClusters(...given),
	},
	{
		flag: "--diff",
		isAsked: ({ diff }) => diff === true,
		run: async (...given) =>
			(await import("./cluster.js")).diffClusters(...given),
	},
	{
		flag: "--canary",
		isAsked: ({ canary }) => canary !== undefined,
		run: async (...given) =>
			(await import("./cluster.js")).changeClusters("canary", ...given),
	},
	{
		flag: "--promote",
		isAsked: ({ promote }) => promote === true,
		run: async (...given) =>
			(await import("./cluster.js")).changeClusters("promote", ...given),
	},
	{
		flag: "--rollback",
		isAsked: ({ rollback }) => rollback === true,
		run: async (...given) =>
			(await import("./cluster.js")).changeClusters("rollback", ...given),
	},
	{
		flag: "--create-cluster",
		isAsked: ({ createCluster: provider }) => provider !== undefined,
		run: createCluster,
	},
];

const APPLY: Mode = {
	flag: "--apply",
	isAsked: ({ apply }) => apply === true,
	run: async (...given) =>
		(await import("./cluster.js")).changeClusters("apply", ...given),
};

/** Whatever else is asked for applies something, and needs no --apply beside it. */
const APPLYING = ["--canary", "--promote", "--rollback"];

/** Writes, prints or applies the manifests of the models that the argument means. */
export async function runK8s(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const asked = MODES.filter(({ isAsked }) => isAsked(options));
	if (APPLY.isAsked(options) && !APPLYING.includes(asked[0]?.flag))
		asked.push(APPLY);
	if (asked.length > 1)
		throw fail(
			"INVALID",
			`cannot do both ${asked[0].flag} and ${asked[1].flag}: give one of them`,
		);
	await (asked[0]?.run ?? writeManifests)(path, options, context);
}

async function printManifests(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const entries = modelsOf(path, options, context);
	const { service, notes } = await planService(entries, options);
	const objects = manifestsOf(service);
	if (options.json) {
		context.stdout(`${JSON.stringify({ objects, notes })}\n`);
		return;
	}
	context.stdout(streamOf(objects));
	tell(notes, options, context);
}

async function writeManifests(
	path: string | undefined,
	options: K8sCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { cwd } = context;
	const entries = modelsOf(path, options, context);
	const { service, notes } = await planService(entries, options);
	const dir = resolve(cwd, options.out ?? "deploy/k8s");
	const made = filesOf(service, manifestsOf(service));
	const { files, kept } = writeFiles(dir, made, { force: options.force });
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
