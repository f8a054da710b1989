import type { Command } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { untilInterrupted } from "./interruption.js";
import { SHARED_OPTIONS } from "./options.js";

/** As they are written on the command line. */
export interface VerifyCommandOptions extends GlobalOptions {
	readonly models?: string;
	readonly signature?: string;
	readonly tagSet?: string;
	readonly inputs?: string;
	readonly outputs?: string;
	readonly tolerance?: string;
	readonly data?: string;
}

export const verifyCommand: CommandDefinition = {
	name: "verify",
	define: (program, context) => {
		defineVerify(program.command("verify"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship verify ./models/digits digits.onnx                   what any converter made of it: the same answers?
  mlship verify ./models/digits digits.tflite --data x.npz    on inputs of yours
  mlship verify digits.keras digits-web                       a file of Keras, a graph model of TensorFlow.js
  mlship verify digits@1 ./models/digits/2                    two versions of a model
`;

function defineVerify(command: Command, context: CommandContext): void {
	command
		.summary("compare a model to what it was converted to")
		.description(
			"Run a model and what somebody converted it to on the same inputs, and compare their answers. Nothing is written; the exit status is 8 where they differ.",
		)
		.argument("<source>", "whatever mlship convert takes")
		.argument(
			"<result>",
			"an ONNX file, a .tflite file, a graph model of TensorFlow.js, or any other model",
		)
		.addOption(SHARED_OPTIONS.models())
		.option("--signature <name>", "what to compare (default: serving_default)")
		.addOption(SHARED_OPTIONS.tagSet())
		.option(
			"--inputs <names>",
			"of a graph without signatures: its inputs, as x,y:0",
		)
		.option("--outputs <names>", "of a graph without signatures: its outputs")
		.option(
			"--tolerance <part>",
			"how far numbers may be off, in parts of the largest of an output (default: 0.001)",
		)
		.option(
			"--data <path>",
			"inputs: npz, npy, a REST body in JSON, one a line in jsonl, or a folder of pictures (default: random ones)",
		)
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (source: string, result: string) => {
			const { runVerify } = await import("./verify/run.js");
			await untilInterrupted(context, () =>
				runVerify(
					source,
					result,
					command.optsWithGlobals<VerifyCommandOptions>(),
					context,
				),
			);
		});
}
