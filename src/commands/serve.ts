import type { Command } from "commander";
import type {
	CommandContext,
	CommandDefinition,
	GlobalOptions,
} from "./context.js";
import { SHARED_OPTIONS } from "./options.js";

/** As they are written on the command line; `serve/settings.ts` reads them. */
export interface ServeOptions extends GlobalOptions {
	readonly models?: string;
	readonly host?: string;
	readonly restApiPort?: string;
	readonly port?: string;
	readonly modelName?: string;
	readonly modelBasePath?: string;
	readonly versions?: string;
	readonly maxBody?: string;
	readonly engine?: string;
	readonly workers?: string;
	readonly threads?: string;
	readonly tagSet?: string;
	readonly rest_api_enable_cors_support?: string | boolean;
	readonly grpc_socket_path?: string;
	readonly grpc_channel_arguments?: string;
	readonly grpc_max_threads?: string;
	readonly enable_serialization_as_tensor_content?: string | boolean;
	readonly file_system_poll_wait_seconds?: string;
	readonly max_num_load_retries?: string;
	readonly load_retry_interval_micros?: string;
	readonly allow_version_labels_for_unavailable_models?: string | boolean;
}

export const serveCommand: CommandDefinition = {
	name: "serve",
	define: (program, context) => {
		defineServe(program.command("serve"), context);
	},
};

const EXAMPLES = `
Examples:
  mlship serve ./models/digits                       the two latest versions, on port 8501
  mlship serve                                       every model in ./models
  mlship serve digits@1 --rest-api-port 9000         one version of a model in ./models
  mlship serve ./models/digits --versions 1,2        just these versions
  mlship serve --model_name=digits --model_base_path=/models/digits --rest_api_port=8501
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
		.addOption(SHARED_OPTIONS.models())
		.option("--host <address>", "address to listen on (default: 127.0.0.1)")
		.option(
			"--rest_api_port, --rest-api-port <port>",
			"port for REST, 0 for a free one (default: 8501)",
		)
		.option(
			"--versions <which>",
			"as many of the latest (2), a list (1,3) or all (default: 2)",
		)
		.addOption(SHARED_OPTIONS.tagSet())
		.option("--max-body <bytes>", "largest request body (default: 64MiB)")
		.addOption(SHARED_OPTIONS.engine())
		.option("--workers <n>", "requests that run side by side, per signature")
		.option("--threads <n>", "threads inside one run")
		.option("--model_name, --model-name <name>", "as TensorFlow Serving has it")
		.option(
			"--model_base_path, --model-base-path <dir>",
			"as TensorFlow Serving has it; serves the latest version only",
		)
		.option(
			"--rest_api_enable_cors_support [bool]",
			"let pages of other origins call",
		)
		.option("--port <port>", "port for gRPC, 0 for none (default: 8500)")
		.option("--grpc_socket_path <path>", "a Unix socket for gRPC besides")
		.option("--grpc_max_threads <n>", "gRPC calls at once; more are refused")
		.option(
			"--grpc_channel_arguments <list>",
			"key=value,… for gRPC, as grpc.max_connection_age_ms=60000",
		)
		.option(
			"--enable_serialization_as_tensor_content [bool]",
			"answer gRPC with bytes instead of lists of values",
		)
		.option(
			"--file_system_poll_wait_seconds <s>",
			"between two looks for versions that came or went, 0 for none (default: 1)",
		)
		.option(
			"--max_num_load_retries <n>",
			"how often a version is tried again (default: 5)",
		)
		.option(
			"--load_retry_interval_micros <us>",
			"between two tries (default: 60000000)",
		)
		.option(
			"--allow_version_labels_for_unavailable_models [bool]",
			"let labels point to versions that do not answer yet",
		)
		.addHelpText("before", EXAMPLES.trimStart())
		.action(async (paths: string[]) => {
			const { runServe } = await import("./serve/run.js");
			await runServe(paths, command.optsWithGlobals<ServeOptions>(), context);
		});
}
