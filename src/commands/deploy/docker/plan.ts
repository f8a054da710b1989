import { BASES, type RuntimeName } from "../../../lib/deploy/docker/base.js";
import {
	type BuildContext,
	buildContext,
} from "../../../lib/deploy/docker/context.js";
import {
	ownPlatform,
	type Platform,
	parsePlatform,
} from "../../../lib/deploy/docker/platform.js";
import { defaultTag, parseTag } from "../../../lib/deploy/docker/reference.js";
import { parseImage } from "../../../lib/deploy/image-reference.js";
import {
	type DeployedModel,
	deployedModels,
} from "../../../lib/deploy/models.js";
import { chosenVersions } from "../../../lib/deploy/versions.js";
import { fail } from "../../../lib/errors.js";
import { resolveModels } from "../../../lib/repository/place.js";
import type { CommandContext } from "../../context.js";
import type { DockerCommandOptions } from "../docker.js";
import { serveSettings } from "./settings.js";

/** What is asked for, checked as a whole before anything is done. */
export interface ImagePlan {
	readonly models: readonly DeployedModel[];
	readonly tags: readonly string[];
	readonly base: string;
	readonly runtime: RuntimeName;
	/** Undefined for the daemon's own. */
	readonly platform: Platform | undefined;
}

/** Fails with INVALID for names that Docker would refuse, and as `resolveModels` and `deployedModels` do. */
export async function planImage(
	path: string | undefined,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<ImagePlan> {
	const { runtime = "mlship", base = BASES[runtime] } = options;
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
	const usual = parseTag(defaultTag(models));
	if (options.push && given === undefined)
		throw fail(
			"INVALID",
			"cannot push an image without a name: --tag is wanted",
			{ hint: `give --tag REGISTRY/${usual.repository}:${usual.tag}` },
		);
	const tags = (given ?? [usual]).map(
		({ repository, tag }) => `${repository}:${tag}`,
	);
	return { models, tags, base, runtime, platform };
}

/** The context for a daemon on a machine of `local`'s kind, which can run what is for that machine alone. */
export function contextFor(
	{ models, base, runtime, platform }: ImagePlan,
	context: CommandContext,
	local: Platform = ownPlatform(process.arch),
): Promise<BuildContext> {
	const { values, warnings } = serveSettings(context);
	const wanted = platform ?? local;
	return buildContext(models, {
		runtime,
		base,
		platform: wanted,
		isChecked: wanted.name === local.name,
		settings: values,
		warnings,
	});
}
