import type { Command } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { SHARED_OPTIONS } from "./options.js";

/** As they are written on the command line. */
export interface PredictOptions extends GlobalOptions {
	readonly models?: string;
	readonly request?: string;
	readonly input?: readonly string[];
	readonly image?: readonly string[];
	readonly scale?: string;
	readonly labels?: string;
	readonly top?: string;
	readonly signature?: string;
	readonly tagSet?: string;
	readonly engine?: string;
	readonly batchSize?: string;
	readonly out?: string;
}

export const predictCommand: CommandDefinition = {
	name: "predict",
	define: (program, context) => {
		definePredict(program.command("predict"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship predict ./models/digits --image 7.png 8.png      the best classes of pictures
  mlship predict digits@2 --request body.json             a REST body, answered as the server would
  mlship predict ./models/half --input 'x=[[1.0],[2.0]]'  values on the command line
  mlship predict ./models/half --input x=batch.npz[x] --batch-size 64 --out answers.npz
  mlship predict http://localhost:8501/v1/models/digits --image 7.png
`;

function definePredict(command: Command, context: CommandContext): void {
	command
		.summary("run a model here, or ask a server")
		.description(
			"Run a model in this process, on a request body, on values and files, or on pictures; or ask a server of TensorFlow Serving's REST API.",
		)
		.argument(
			"[path]",
			"SavedModel, .onnx or .tflite file, .keras or .h5 file, model.json, frozen graph, model folder, NAME[@VERSION] of a model in ./models, or the URL of a served model",
		)
		.addOption(SHARED_OPTIONS.models())
		.option(
			"--request <file>",
			"a predict body of TensorFlow Serving's REST API, - for stdin; prints the REST answer",
		)
		.option(
			"--input <name=value>",
			"an input: JSON, or a JSON, npy or npz file, as x=file.npz[var] (repeatable)",
			(value: string, before: readonly string[] = []) => [...before, value],
		)
		.option("--image <file...>", "pictures for the input that takes them")
		.option(
			"--scale <from..to>",
			"what pixels 0 to 255 become (default: 0..1 for floats, 0..255 for integers)",
		)
		.option(
			"--labels <file>",
			"names of the classes, one a line (default: assets.extra/labels.txt)",
		)
		.option("--top <k>", "how many classes to show")
		.option("--signature <name>", "what to run (default: serving_default)")
		.addOption(SHARED_OPTIONS.tagSet())
		.addOption(SHARED_OPTIONS.engine())
		.option("--batch-size <n>", "rows that run at once")
		.option("--out <file>", "write the outputs to an .npz or .json file")
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (path: string | undefined) => {
			const { runPredict } = await import("./predict/run.js");
			await runPredict(
				path,
				command.optsWithGlobals<PredictOptions>(),
				context,
			);
		});
}
