import { type Command, Option } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { SHARED_OPTIONS } from "./options.js";

export interface InspectOptions extends GlobalOptions {
	readonly all?: boolean;
	readonly models?: string;
	readonly tagSet?: string;
	readonly signature?: string;
	readonly listOps?: boolean;
	readonly ops?: boolean;
	readonly layers?: boolean;
	readonly weights?: boolean;
	readonly example?: boolean;
	readonly engines?: boolean;
	readonly targets?: boolean;
	readonly compat?: "text";
}

export const inspectCommand: CommandDefinition = {
	name: "inspect",
	define: (program, context) => {
		defineInspect(program.command("inspect"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship inspect ./models/digits                  the latest version: inputs, outputs, size
  mlship inspect digits@1 --layers --weights      more of a version of ./models
  mlship inspect digits --example                 a request that the model takes, and a curl line
  mlship inspect digits --engines                 which engines run it, and what stops the others
  mlship inspect digits --targets                 what it converts to, and what stops the others
  mlship inspect --all                            all of every model in ./models
  mlship inspect ./models/digits/2 --all --compat text    what saved_model_cli prints
`;

function defineInspect(command: Command, context: CommandContext): void {
	command
		.summary("show what a model takes, gives and is made of")
		.description(
			"Show what a SavedModel, a file of ONNX or TensorFlow Lite, or a model of Keras or TensorFlow.js takes, gives and is made of.",
		)
		.argument(
			"[path]",
			"SavedModel, .onnx or .tflite file, .keras or .h5 file, model.json, frozen graph, model folder, repository of models, or NAME[@VERSION] of a model in ./models",
		)
		.option("--all", "every model, version, tag set and signature")
		.addOption(SHARED_OPTIONS.models())
		.addOption(SHARED_OPTIONS.tagSet())
		.option("--signature <name>", "only this signature")
		.option("--list-ops", "names of the operations")
		.option("--ops", "operations with their counts")
		.option("--layers", "layers with their operations and weights")
		.option("--weights", "weights, the largest first")
		.option("--example", "a request body and a curl line")
		.option("--engines", "which engines run each signature, and why not")
		.option("--targets", "what each signature converts to, and why not")
		.addOption(
			new Option(
				"--compat <form>",
				"print what saved_model_cli prints",
			).choices(["text"]),
		)
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (path: string | undefined) => {
			const { runInspect } = await import("./inspect/run.js");
			await runInspect(
				path,
				command.optsWithGlobals<InspectOptions>(),
				context,
			);
		});
}
