import { buildImage } from "../../../lib/deploy/docker/build.js";
import type { Daemon } from "../../../lib/deploy/docker/daemon.js";
import { parsePlatform } from "../../../lib/deploy/docker/platform.js";
import { type Pushed, pushImage } from "../../../lib/deploy/docker/push.js";
import { biggestSaving } from "../../../lib/deploy/docker/saving.js";
import { builtSizes } from "../../../lib/deploy/docker/sizes.js";
import type { DeployedModel } from "../../../lib/deploy/models.js";
import { writeRecord } from "../../../lib/deploy/record.js";
import type { CommandContext } from "../../context.js";
import { showBuilt } from "../../ui/docker.js";
import { colourWanted, styleFor } from "../../ui/style.js";
import type { DockerCommandOptions } from "../docker.js";
import { contextFor, type ImagePlan } from "./plan.js";
import { tryImage } from "./trial.js";

type Say = (line: string) => void;

/** Has the daemon build an image, then sends it and starts it where that is asked for. */
export async function makeImage(
	daemon: Daemon,
	plan: ImagePlan,
	options: DockerCommandOptions,
	context: CommandContext,
): Promise<void> {
	const { env, signal } = context;
	const style = styleFor(colourWanted(context, options, "stderr"));
	const say: Say = (line) => {
		if (!options.quiet && !options.json)
			context.stderr(`${style.faint(line)}\n`);
	};
	const local = parsePlatform(daemon.platform);
	const platform = plan.platform ?? local;
	const planned = await contextFor(plan, context, local);
	for (const warning of planned.warnings) say(`warning: ${warning}`);
	const id = await buildImage(daemon, planned, {
		tags: plan.tags,
		platform: plan.platform?.name,
		env,
		signal,
		onStep: ({ index, count, instruction }) =>
			say(
				`step ${index}/${count}  ${instruction.replace(/\s{2,}.*/, " …").slice(0, 80)}`,
			),
	});
	const sizes = await builtSizes(daemon, plan.tags[0], planned);
	writeRecord(imageRecord(plan, { id, platform: platform.name }), context);
	const pushed = options.push ? await pushAll(daemon, plan, context, say) : [];
	const trial = options.run ? await tryImage(daemon, plan, context) : undefined;
	const saving = biggestSaving(plan.models, sizes);
	showBuilt(
		{ ...plan, id, platform, context: planned, sizes, saving, pushed, trial },
		options,
		{ ...context, style },
	);
}

async function pushAll(
	daemon: Daemon,
	{ tags }: ImagePlan,
	context: CommandContext,
	say: Say,
): Promise<Pushed[]> {
	const pushed: Pushed[] = [];
	for (const tag of tags) {
		say(`pushing ${tag}`);
		const result = await pushImage(daemon, tag, context);
		writeRecord({ type: "push", ...result }, context);
		pushed.push(result);
	}
	return pushed;
}

function imageRecord(
	{ tags, base, models }: ImagePlan,
	made: { readonly id: string; readonly platform: string },
) {
	return { type: "image", ...made, tags, base, models: digestsOf(models) };
}

/** By model and version. */
function digestsOf(models: readonly DeployedModel[]): Record<string, unknown> {
	return Object.fromEntries(
		models.map(({ name, versions }) => [
			name,
			Object.fromEntries(
				versions.map(({ version, digest }) => [String(version), digest]),
			),
		]),
	);
}
