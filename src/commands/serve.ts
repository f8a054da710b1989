import type { Command } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import type { FlagValues } from "./serve/flags.js";
import {
	addFlags,
	readFlags,
	splitArguments,
	withSwitchValues,
} from "./serve/options.js";

/** As they are written on the command line, in camel case; `serve/options.ts` reads them. */
export type ServeOptions = GlobalOptions & Readonly<Record<string, unknown>>;

export const serveCommand: CommandDefinition = {
	name: "serve",
	define: (program, context) => {
		defineServe(program.command("serve"), context);
	},
	spell: withSwitchValues,
};

const EXAMPLES = `
Examples:
  mlship serve ./models/digits                       the two latest versions, on port 8501
  mlship serve                                       every model in ./models
  mlship serve digits@1 --rest-api-port 9000         one version of a model in ./models
  mlship serve ./models/digits --versions 1,2        just these versions
  mlship serve --model_name=digits --model_base_path=/models/digits --rest_api_port=8501
  mlship serve --model_config_file=models.config --model_config_file_poll_wait_seconds=60
`;

function defineServe(command: Command, context: CommandContext): void {
	command
		.summary("serve models over TensorFlow Serving's REST and gRPC")
		.description(
			"Serve models over TensorFlow Serving's REST and gRPC, until Ctrl-C or SIGTERM.",
		)
		.argument(
			"[path...]",
			"SavedModel, ONNX file, model folder, repository of models, or NAME[@VERSION] of a model in ./models",
		)
		.addHelpText("before", EXAMPLES.trimStart())
		.allowUnknownOption()
		.action(async (words: string[]) => {
			const options = command.optsWithGlobals<ServeOptions>();
			const start = (flags: FlagValues) =>
				startServer(words, flags, { options, context });
			if (options.compat !== "strict") return start(readFlags(options));
			const { asUpstream, failedToStart } = await import("./serve/strict.js");
			const flags = await asUpstream(
				() => readFlags(options),
				() => command.helpInformation(),
				{ options, context },
			);
			await asUpstream(() => start(flags), failedToStart, { options, context });
		});
	addFlags(command);
}

async function startServer(
	words: readonly string[],
	flags: FlagValues,
	given: { readonly options: ServeOptions; readonly context: CommandContext },
): Promise<void> {
	const { paths, unknown } = splitArguments(words, flags.compat);
	for (const word of unknown)
		given.context.stderr(`unknown argument: ${word}\n`);
	const { runServe } = await import("./serve/run.js");
	await runServe({ paths, flags, ...given });
}
