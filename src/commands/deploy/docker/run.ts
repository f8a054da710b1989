import { isAbsolute, relative, resolve } from "node:path";
import { contextEntries } from "../../../lib/deploy/docker/context.js";
import { findDaemon } from "../../../lib/deploy/docker/daemon.js";
import {
	checkContextFolder,
	writeContext,
} from "../../../lib/deploy/docker/folder.js";
import { plannedSizes } from "../../../lib/deploy/docker/sizes.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import { asMlshipError, fail } from "../../../lib/errors.js";
import type { CommandContext } from "../../context.js";
import {
	buildCommand,
	type ShownImage,
	showDryRun,
	showWritten,
} from "../../ui/docker.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { DockerCommandOptions } from "../docker.js";
import { makeImage } from "./image.js";
import { contextFor, type ImagePlan, planImage } from "./plan.js";

/** Makes an image of models, or what it would be made of. */
export async function runDocker(
	path: string | undefined,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { dryRun, out, push = false, run = false, force } = options;
	const plan = await planImage(path, options, context);
	const style = styleFor(colourWanted(context, options, "stdout"));
	if (dryRun) {
		const shown = { ...(await shownImage(plan, context)), push, run };
		context.stdout(showDryRun(shown, options, style));
	} else if (out !== undefined) {
		const shown = await writeOut(out, plan, force, context);
		context.stdout(showWritten(shown, options, style));
	} else {
		const daemon = await findDaemon(context.env).catch((error: unknown) =>
			withoutDaemon(error, plan, force, context),
		);
		await makeImage(daemon, plan, options, context);
	}
}

async function shownImage(
	plan: ImagePlan,
	context: CommandContext,
): Promise<ShownImage> {
	const built = await contextFor(plan, context);
	return { ...plan, context: built, sizes: plannedSizes(built) };
}

/** Writes the context for another builder; its folder as it is shown. */
async function writeOut(
	out: string,
	plan: ImagePlan,
	force: boolean | undefined,
	context: CommandContext,
): Promise<ShownImage & { readonly folder: string }> {
	const dir = resolve(context.cwd, out);
	checkContextFolder(dir, force);
	const shown = await shownImage(plan, context);
	writeContext(dir, contextEntries(shown.context));
	writeRecord({ type: "context", folder: dir, tags: plan.tags }, context);
	return { ...shown, folder: shownPath(dir, context) };
}

/** Leaves what another daemon can build; always throws. */
async function withoutDaemon(
	error: unknown,
	plan: ImagePlan,
	force: boolean | undefined,
	context: CommandContext,
): Promise<never> {
	const failure = asMlshipError(error);
	if (failure.code !== "NOT_READY") throw failure;
	const { folder } = await writeOut(DEFAULT_OUT, plan, force, context);
	throw fail(
		"NOT_READY",
		`${failure.message}. The build context is in ${folder}`,
		{
			hint: `run ${buildCommand(plan, folder)} where there is one`,
			cause: failure,
		},
	);
}

const DEFAULT_OUT = "deploy/docker";

function shownPath(path: string, { cwd }: CommandContext): string {
	const way = relative(cwd, path);
	if (way === "") return ".";
	return way.startsWith("..") || isAbsolute(way) ? path : way;
}
