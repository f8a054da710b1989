import { type Command, Option } from "commander";

/** The options that every command takes, wherever they stand on the command line. */
export function addGlobalOptions(program: Command): void {
	program
		.option("--json", "print one JSON value on stdout")
		.option("--quiet", "print no progress and no hints")
		.option("--debug", "print stacks of errors")
		.option("--no-color", "print without colour");
}

/** Options that several commands share, by their attribute: each command adds those that it takes. */
export const SHARED_OPTIONS = {
	models: () =>
		new Option("--models <dir>", "where models are (default: ./models)"),
	tagSet: () =>
		new Option("--tag-set <tags>", "the graph with these tags, as serve,gpu"),
	engine: () =>
		new Option(
			"--engine <name>",
			"what runs models: auto, onnx, tfjs or tfjs-node (default: auto)",
		),
} as const;

/** The options that variables and project files may set. */
export function settable(command: Command): readonly Option[] {
	return command.options.filter(
		(option) => option.attributeName() !== "version",
	);
}

/** `rest-api-port`, `rest_api_port` and `restApiPort` are one name. */
export function optionName(text: string): string {
	return text.replace(/[-_]([a-z])/g, (_, letter: string) =>
		letter.toUpperCase(),
	);
}
