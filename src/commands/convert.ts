import { type Command, Option } from "commander";
import { TARGETS } from "../lib/convert/targets.js";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { SETTING_FLAGS } from "./convert/flags.js";
import { untilInterrupted } from "./interruption.js";
import { SHARED_OPTIONS } from "./options.js";

/** As they are written on the command line; `convert/flags.ts` reads those of targets. */
export interface ConvertCommandOptions extends GlobalOptions {
	readonly target?: string;
	readonly out?: string;
	readonly models?: string;
	readonly signature?: string;
	readonly allSignatures?: boolean;
	readonly tagSet?: string;
	readonly inputs?: string;
	readonly outputs?: string;
	readonly force?: boolean;
	readonly dryRun?: boolean;
	/** Undefined where neither `--verify` nor `--no-verify` stands. */
	readonly verify?: boolean;
	readonly tolerance?: string;
	readonly data?: string;
}

export const convertCommand: CommandDefinition = {
	name: "convert",
	define: (program, context) => {
		defineConvert(program.command("convert"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship convert ./models/digits --target web                 a model for TensorFlow.js, in digits-web
  mlship convert ./models/digits --target onnx                an ONNX file, digits.onnx
  mlship convert digits@2 --target onnx --out out/d.onnx      a version of a model in ./models
  mlship convert ./models/digits --target onnx --dry-run      what would be made, and what is in the way
  mlship convert ./models/digits --target onnx --data x.npz   compared on inputs of yours
  mlship convert digits.keras --target lite                   a file of Keras, a model.json of TensorFlow.js
  mlship convert graph.pb --target web --outputs scores       a frozen graph of TensorFlow 1
`;

function defineConvert(command: Command, context: CommandContext): void {
	command
		.summary("write a model for other runtimes, and check its answers")
		.description(
			"Write a model for another runtime, run both on the same inputs and compare their answers. Nothing is left behind where that fails.",
		)
		.argument(
			"[path]",
			"SavedModel, model folder, NAME[@VERSION] of a model in ./models, .keras or .h5 file, model.json of TensorFlow.js, or .pb file of a frozen graph",
		)
		.requiredOption("--target <name>", Object.keys(TARGETS).join(" or "))
		.option("--out <path>", "where to (default: a name like the model's)")
		.addOption(SHARED_OPTIONS.models())
		.option("--signature <name>", "what to convert (default: serving_default)")
		.option("--all-signatures", "lite: all of them, in one file")
		.addOption(SHARED_OPTIONS.tagSet())
		.option(
			"--inputs <names>",
			"of a graph without signatures: its inputs, as x,y:0 (default: all placeholders)",
		)
		.option(
			"--outputs <names>",
			"of a graph without signatures: its outputs (default: what nothing else uses)",
		)
		.option("--force", "replace files that are there")
		.option("--dry-run", "say what would be made and what is in the way")
		.addOption(
			new Option(
				"--verify",
				"compare answers with the source's (default below 50 MB)",
			).default(undefined),
		)
		.option("--no-verify", "do not compare answers")
		.option(
			"--tolerance <part>",
			"how far numbers may be off, in parts of the largest of an output (default: 0.001)",
		)
		.option(
			"--data <path>",
			"inputs to compare on: npz, npy, a REST body in JSON, one a line in jsonl, or a folder of pictures (default: random ones)",
		)
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (path: string | undefined) => {
			const { runConvert } = await import("./convert/run.js");
			await untilInterrupted(context, () =>
				runConvert(
					path,
					command.optsWithGlobals<ConvertCommandOptions>(),
					context,
				),
			);
		});
	for (const { option } of SETTING_FLAGS) command.addOption(option());
}
