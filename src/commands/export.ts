import { type Command, Option } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";

/** As they are written on the command line. */
export interface ExportCommandOptions extends GlobalOptions {
	readonly out?: string;
	readonly batch?: string;
	readonly signatureDtype?: string;
	readonly outputNames?: string;
	readonly preprocess?: "image";
	readonly scale?: string;
	readonly labels?: string;
	readonly inputs?: string;
	readonly outputs?: string;
	readonly variables?: boolean;
	readonly force?: boolean;
}

export const exportCommand: CommandDefinition = {
	name: "export",
	define: (program, context) => {
		defineExport(program.command("export"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship export digits.keras                              models/digits, the next free version
  mlship export digits.h5 --out ./models/digits           where the model is to be
  mlship export digits.keras --out ./models/digits/7      as version 7
  mlship export model.ckpt.meta --outputs scores          a checkpoint of TensorFlow 1
  mlship export cats.keras --preprocess image --labels labels.txt    takes pictures, names what they show
`;

function defineExport(command: Command, context: CommandContext): void {
	command
		.summary("turn a Keras file or a graph into a SavedModel")
		.description(
			"Turn a .keras or .h5 file of Keras 2 or 3, a model of TensorFlow.js, or a frozen graph or checkpoint of TensorFlow 1 into a SavedModel that mlship, TensorFlow and TensorFlow Serving load.",
		)
		.argument(
			"<file>",
			"a .keras or .h5 file, model.json, graph.pb or model.ckpt.meta",
		)
		.option(
			"--out <dir>",
			"the model's folder, or a version of it (default: ./models/NAME)",
		)
		.option(
			"--batch <n>",
			"rows that the signature takes at once (default: as many as come)",
		)
		.option(
			"--signature-dtype <type>",
			"element type of the signature's numbers, as float16 or uint8",
		)
		.option("--output-names <names>", "names of the outputs, as scores,boxes")
		.addOption(
			new Option(
				"--preprocess <kind>",
				"take files of pictures: decoded, resized and scaled in the graph",
			).choices(["image"]),
		)
		.option(
			"--scale <from..to>",
			"what pixels 0 to 255 become (default: 0..1, or 0..255 where the network scales)",
		)
		.option(
			"--labels <file>",
			"names of the classes, one a line: adds an output with the best one's",
		)
		.option(
			"--inputs <nodes>",
			"of a graph: what it takes, as x,mask:0 (default: its placeholders)",
		)
		.option(
			"--outputs <nodes>",
			"of a graph: what it gives, as scores (default: what nothing else uses)",
		)
		.option(
			"--variables",
			"write weights as variables beside the graph, to be trained on (default: constants, up to 1.9 GB)",
		)
		.option("--force", "replace a version that exists")
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (file: string) => {
			const { runExport } = await import("./export/run.js");
			await runExport(
				file,
				command.optsWithGlobals<ExportCommandOptions>(),
				context,
			);
		});
}
