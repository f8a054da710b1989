import { isAbsolute, relative, resolve } from "node:path";
import { BASES } from "../../../lib/deploy/docker/base.js";
import { buildImage } from "../../../lib/deploy/docker/build.js";
import {
	type BuildContext,
	buildContext,
	contextEntries,
} from "../../../lib/deploy/docker/context.js";
import { type Daemon, findDaemon } from "../../../lib/deploy/docker/daemon.js";
import {
	checkContextFolder,
	writeContext,
} from "../../../lib/deploy/docker/folder.js";
import {
	ownPlatform,
	type Platform,
	parsePlatform,
} from "../../../lib/deploy/docker/platform.js";
import { type Pushed, pushImage } from "../../../lib/deploy/docker/push.js";
import { defaultTag, parseTag } from "../../../lib/deploy/docker/reference.js";
import { biggestSaving } from "../../../lib/deploy/docker/saving.js";
import { builtSizes, plannedSizes } from "../../../lib/deploy/docker/sizes.js";
import { parseImage } from "../../../lib/deploy/image-reference.js";
import {
	type DeployedModel,
	deployedModels,
} from "../../../lib/deploy/models.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import { chosenVersions } from "../../../lib/deploy/versions.js";
import { asMlshipError, fail } from "../../../lib/errors.js";
import { resolveModels } from "../../../lib/repository/place.js";
import type { CommandContext } from "../../context.js";
import {
	buildCommand,
	showBuilt,
	showDryRun,
	showWritten,
} from "../../ui/docker.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { DockerCommandOptions } from "../docker.js";
import { serveSettings } from "./settings.js";
import { tryImage } from "./trial.js";

/** Makes an image of models, and starts or sends it where that is asked for. */
export async function runDocker(
	path: string | undefined,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<void> {
	const plan = await planImage(path, options, context);
	if (options.dryRun) {
		const built = await contextFor(
			plan,
			plan.platform ?? ownPlatform(process.arch),
			true,
			context,
		);
		const style = styleFor(colourWanted(context, options, "stdout"));
		context.stdout(
			showDryRun(
				{
					...plan,
					context: built,
					sizes: plannedSizes(built),
					push: options.push ?? false,
					run: options.run ?? false,
				},
				options,
				style,
			),
		);
		return;
	}
	const out = options.out;
	if (out !== undefined) {
		await writeOut(out, plan, options, context);
		return;
	}
	checkContextFolder(resolve(context.cwd, DEFAULT_OUT), options.force);
	const daemon = await findDaemon(context.env).catch((error: unknown) =>
		withoutDaemon(error, plan, context),
	);
	await build(daemon, plan, options, context);
}

/** Where the context goes where no daemon takes it. */
const DEFAULT_OUT = "deploy/docker";

/** What is asked for, checked as a whole before anything is done. */
export interface ImagePlan {
	readonly models: readonly DeployedModel[];
	readonly tags: readonly string[];
	readonly base: string;
	readonly runtime: "mlship" | "tfs";
	/** Undefined for the daemon's own. */
	readonly platform: Platform | undefined;
}

async function planImage(
	path: string | undefined,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<ImagePlan> {
	const { runtime = "mlship", base = BASES[runtime], push } = options;
	const platform =
		options.platform === undefined
			? undefined
			: parsePlatform(options.platform);
	parseImage(base);
	const given = options.tag?.map(parseTag);
	const found = resolveModels(path, { ...context, models: options.models });
	const models = await deployedModels(
		await chosenVersions(found, options.versions),
	);
	const latest = models[0].versions[models[0].versions.length - 1].version;
	const references = given ?? [
		parseTag(
			defaultTag(
				models.map(({ name }) => name),
				latest,
			),
		),
	];
	if (push && given === undefined)
		throw fail(
			"INVALID",
			"cannot push an image without a name: --tag is wanted",
			{
				hint: `give --tag REGISTRY/${references[0].repository}:${references[0].tag}`,
			},
		);
	const tags = references.map(({ repository, tag }) => `${repository}:${tag}`);
	return { models, tags, base, runtime, platform };
}

function contextFor(
	{ models, base, runtime }: ImagePlan,
	platform: Platform,
	isChecked: boolean,
	context: CommandContext,
): Promise<BuildContext> {
	const settings = serveSettings(context);
	return buildContext(models, {
		runtime,
		base,
		platform,
		isChecked,
		settings: settings.values,
		warnings: settings.warnings,
	});
}

async function writeOut(
	out: string,
	plan: ImagePlan,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<void> {
	const dir = resolve(context.cwd, out);
	checkContextFolder(dir, options.force);
	const own = ownPlatform(process.arch);
	const platform = plan.platform ?? own;
	const built = await contextFor(
		plan,
		platform,
		platform.name === own.name,
		context,
	);
	writeContext(dir, contextEntries(built));
	const style = styleFor(colourWanted(context, options, "stdout"));
	const folder = shownPath(dir, context);
	writeRecord({ type: "context", folder: dir, tags: plan.tags }, context);
	context.stdout(
		showWritten(
			{ ...plan, context: built, folder, sizes: plannedSizes(built) },
			options,
			style,
		),
	);
}

/** Leaves what another daemon can build; always throws. */
async function withoutDaemon(
	error: unknown,
	plan: ImagePlan,
	context: CommandContext,
): Promise<never> {
	const failure = asMlshipError(error);
	if (failure.code !== "NOT_READY") throw failure;
	const dir = resolve(context.cwd, DEFAULT_OUT);
	const own = ownPlatform(process.arch);
	const platform = plan.platform ?? own;
	const built = await contextFor(
		plan,
		platform,
		platform.name === own.name,
		context,
	);
	writeContext(dir, contextEntries(built));
	writeRecord({ type: "context", folder: dir, tags: plan.tags }, context);
	throw fail(
		"NOT_READY",
		`${failure.message}. The build context is in ${shownPath(dir, context)}`,
		{
			hint: `run ${buildCommand(plan, shownPath(dir, context))} where there is one`,
			cause: failure,
		},
	);
}

function shownPath(path: string, { cwd }: CommandContext): string {
	const way = relative(cwd, path);
	return way === ""
		? "."
		: way.startsWith("..") || isAbsolute(way)
			? path
			: way;
}

async function build(
	daemon: Daemon,
	plan: ImagePlan,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { env, signal } = context;
	const style = styleFor(colourWanted(context, options, "stderr"));
	const say = (line: string): void => {
		if (!options.quiet && !options.json)
			context.stderr(`${style.faint(line)}\n`);
	};
	const platform = plan.platform ?? parsePlatform(daemon.platform);
	const planned = await contextFor(
		plan,
		platform,
		platform.name === daemon.platform,
		context,
	);
	for (const warning of planned.warnings) say(`warning: ${warning}`);
	const id = await buildImage(daemon, planned, {
		tags: plan.tags,
		platform: plan.platform?.name,
		env,
		signal,
		onStep: ({ index, count, instruction }) =>
			say(`step ${index}/${count}  ${instruction.slice(0, 100)}`),
	});
	const sizes = await builtSizes(daemon, plan.tags[0], planned);
	writeRecord(
		{
			type: "image",
			id,
			tags: plan.tags,
			platform: platform.name,
			base: plan.base,
			models: recordOf(plan.models),
		},
		context,
	);
	const pushed: Pushed[] = [];
	if (options.push)
		for (const tag of plan.tags) {
			say(`pushing ${tag}`);
			const result = await pushImage(daemon, tag, { env, signal });
			writeRecord({ type: "push", ...result }, context);
			pushed.push(result);
		}
	const trial = options.run ? await tryImage(daemon, plan, context) : undefined;
	const shown = {
		...plan,
		id,
		platform,
		context: planned,
		sizes,
		saving: biggestSaving(plan.models, sizes),
		pushed,
		trial,
	};
	showBuilt(shown, options, { ...context, style });
}

function recordOf(models: readonly DeployedModel[]): Record<string, unknown> {
	return Object.fromEntries(
		models.map(({ name, versions }) => [
			name,
			Object.fromEntries(
				versions.map(({ version, digest }) => [String(version), digest]),
			),
		]),
	);
}
