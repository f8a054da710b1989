import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import {
	type CommandContext,
	type GlobalOptions,
	ReportedFailure,
} from "./commands/context.js";
import { COMMANDS } from "./commands/index.js";
import { showError, usageError } from "./commands/ui/error.js";
import { colourWanted, type Style, styleFor } from "./commands/ui/style.js";
import { asMlshipError, ERROR_CODES, type MlshipError } from "./lib/errors.js";

/** Runs the command line and returns the exit status; never throws. */
export async function main(
	argv: readonly string[],
	context: CommandContext,
): Promise<number> {
	const program = buildProgram(context);
	try {
		await program.parseAsync([...argv], { from: "user" });
		return 0;
	} catch (error) {
		if (error instanceof CommanderError && error.exitCode === 0) return 0;
		if (error instanceof ReportedFailure) return ERROR_CODES[error.code].exit;
		const failure =
			error instanceof CommanderError
				? usageError(error, argv, program)
				: asMlshipError(error);
		report(failure, argv, context);
		return ERROR_CODES[failure.code].exit;
	}
}

const EXAMPLES = `
Examples:
  mlship serve ./models/digits                     serve a model over REST
  mlship inspect --all                             what the models in ./models take and give
  mlship predict ./models/digits --image 7.png     run a model here, on pictures
`;

function buildProgram(context: CommandContext): Command {
	const program = new Command("mlship")
		.description(
			"Take a trained TensorFlow or Keras model to production, without Python.",
		)
		.version(version(), "-v, --version", "print the version")
		.helpOption("-h, --help", "print help")
		.option("--json", "print one JSON value on stdout")
		.option("--quiet", "print no progress and no hints")
		.option("--debug", "print stacks of errors")
		.option("--no-color", "print without colour")
		.addHelpText("before", EXAMPLES.trimStart())
		.showSuggestionAfterError(false)
		.configureOutput({
			writeOut: (text) => context.stdout(text),
			writeErr: () => undefined,
			getOutHasColors: () => styleOf(context).enabled,
		})
		.exitOverride();
	for (const { define } of COMMANDS) define(program, context);
	inherit(program);
	return program;
}

/** Subcommands answer to the global options too, wherever they stand. */
function inherit(program: Command): void {
	for (const command of program.commands) {
		command
			.copyInheritedSettings(program)
			.option("--json", "print one JSON value on stdout")
			.option("--quiet", "print no progress and no hints")
			.option("--debug", "print stacks of errors")
			.option("--no-color", "print without colour");
	}
}

function report(
	failure: MlshipError,
	argv: readonly string[],
	context: CommandContext,
): void {
	const options: GlobalOptions = {
		json: argv.includes("--json"),
		debug: argv.includes("--debug"),
	};
	const shown = showError(failure, options, styleOf(context, argv));
	if (options.json) context.stdout(shown);
	else context.stderr(shown);
}

function styleOf(context: CommandContext, argv: readonly string[] = []): Style {
	return styleFor(
		colourWanted(context, { color: !argv.includes("--no-color") }, "stderr"),
	);
}

function version(): string {
	const manifest = readFileSync(
		new URL("../package.json", import.meta.url),
		"utf8",
	);
	return (JSON.parse(manifest) as { version: string }).version;
}

/** Exit statuses of a process that a signal ended, 128 and the signal's number. */
const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The process's own entry: gives `main` the real streams, and turns signals into an abort. */
export async function runProcess(): Promise<void> {
	const controller = new AbortController();
	for (const [signal, status] of Object.entries(SIGNAL_EXITS))
		process.on(signal, () => {
			// the first signal asks, the second does not wait
			if (controller.signal.aborted) process.exit(status);
			controller.abort(signal);
		});
	// the reader of a pipe may leave early (| head): that is no error of ours
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code === "EPIPE") process.exit(0);
		throw error;
	});
	process.exitCode = await main(process.argv.slice(2), {
		stdout: (text) => void process.stdout.write(text),
		stderr: (text) => void process.stderr.write(text),
		stdin: process.stdin,
		cwd: process.cwd(),
		env: process.env,
		isTTY: {
			stdout: process.stdout.isTTY === true,
			stderr: process.stderr.isTTY === true,
			stdin: process.stdin.isTTY === true,
		},
		signal: controller.signal,
	});
}
