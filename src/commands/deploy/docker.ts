import { type Command, Option } from "commander";
import type { CommandContext, GlobalOptions } from "../context.js";
import { SHARED_OPTIONS } from "../options.js";

/** As they are written on the command line. */
export interface DockerCommandOptions extends GlobalOptions {
	readonly models?: string;
	readonly versions?: string;
	readonly tag?: readonly string[];
	readonly base?: string;
	readonly platform?: string;
	readonly runtime?: "mlship" | "tfs";
	readonly out?: string;
	readonly force?: boolean;
	readonly run?: boolean;
	readonly push?: boolean;
	readonly dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  mlship deploy docker                                 an image with the models in ./models
  mlship deploy docker ./models/digits --run           of one model, started and asked once
  mlship deploy docker digits@2 --tag registry.example.com/digits:2 --push
  mlship deploy docker --dry-run                       the Dockerfile and the commands, nothing else
  mlship deploy docker --out ./image                   a build context for another builder
`;

/** Options and action of `mlship deploy docker`. */
export function defineDocker(command: Command, context: CommandContext): void {
	command
		.description(
			"Make an image that serves models: by the Docker daemon, or by Podman's socket. The mlship that runs goes into it, so that no package is downloaded.",
		)
		.argument(
			"[path]",
			"SavedModel, ONNX file, model folder, repository, or NAME[@VERSION] of a model in ./models",
		)
		.addOption(SHARED_OPTIONS.models())
		.option(
			"--versions <which>",
			"as many of the latest (default: 2), a list (1,3) or all",
		)
		.option(
			"--tag <image>",
			"name of the image, as digits:2; may be repeated (default: the model's, with its latest version)",
			(tag: string, before: readonly string[] = []) => [...before, tag],
		)
		.option("--base <image>", "the image that it is built on")
		.option("--platform <os/arch>", "as linux/arm64 (default: the daemon's)")
		.addOption(
			new Option(
				"--runtime <name>",
				"what serves: mlship, or TensorFlow Serving in its own image",
			)
				.choices(["mlship", "tfs"])
				.default("mlship"),
		)
		.option("--out <dir>", "write the build context there, and build nothing")
		.option("--force", "replace files in --out that are not mlship's")
		.option("--run", "start the image, wait until it is ready, ask it once")
		.option("--push", "send the image to its registry")
		.option("--dry-run", "print what would be built, and touch nothing")
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (path: string | undefined) => {
			const { runDocker } = await import("./docker/run.js");
			await runDocker(
				path,
				command.optsWithGlobals<DockerCommandOptions>(),
				context,
			);
		});
}
