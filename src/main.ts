import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import {
	type CommandContext,
	type GlobalOptions,
	ReportedFailure,
} from "./commands/context.js";
import { COMMANDS } from "./commands/index.js";
import { applyDefaults } from "./commands/options/defaults.js";
import { addGlobalOptions } from "./commands/options.js";
import { showError } from "./commands/ui/error.js";
import { colourWanted, styleFor } from "./commands/ui/style.js";
import { usageError } from "./commands/usage.js";
import { asMlshipError, ERROR_CODES, type MlshipError } from "./lib/errors.js";

/** Runs the command line and returns the exit status; never throws. */
export async function main(
	argv: readonly string[],
	context: CommandContext,
): Promise<number> {
	const program = buildProgram(context);
	try {
		await program.parseAsync(spelled(argv), { from: "user" });
		return 0;
	} catch (error) {
		if (error instanceof CommanderError && error.exitCode === 0) return 0;
		if (error instanceof ReportedFailure) return error.exit;
		const bare = bareCommand(error, program);
		if (bare !== undefined) {
			bare.outputHelp();
			return 0;
		}
		const failure =
			error instanceof CommanderError
				? usageError(error, argv, program)
				: asMlshipError(error);
		report(failure, program.opts<GlobalOptions>(), context);
		return ERROR_CODES[failure.code].exit;
	}
}

/** As the command that is named spells its words. */
function spelled(argv: readonly string[]): string[] {
	const names = new Map(COMMANDS.map((command) => [command.name, command]));
	const named = argv.find((word) => names.has(word));
	const command = named === undefined ? undefined : names.get(named);
	return command?.spell?.(argv) ?? [...argv];
}

const EXAMPLES = `Examples:
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
		.configureHelp({ showGlobalOptions: true })
		.addHelpText("before", EXAMPLES)
		.showSuggestionAfterError(false)
		.configureOutput({
			writeOut: (text) => context.stdout(text),
			writeErr: () => undefined,
			getOutHasColors: () => false,
		})
		.exitOverride()
		.hook("preAction", (root, command) =>
			applyDefaults(command, root, context),
		);
	addGlobalOptions(program);
	for (const { define } of COMMANDS) define(program, context);
	return program;
}

/** What was named without the command that it wants: the program, or a group of commands. */
function bareCommand(error: unknown, program: Command): Command | undefined {
	if (!(error instanceof CommanderError) || error.code !== "commander.help")
		return undefined;
	const [name, ...others] = program.args;
	if (name === undefined) return program;
	return program.commands.find(
		(group) =>
			group.name() === name && group.commands.length > 0 && others.length === 0,
	);
}

function report(
	failure: MlshipError,
	options: GlobalOptions,
	context: CommandContext,
): void {
	const style = styleFor(colourWanted(context, options, "stderr"));
	const shown = showError(failure, options, style);
	if (options.json) context.stdout(shown);
	else context.stderr(shown);
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
	for (const stream of [process.stdout, process.stderr])
		stream.on("error", leaveWithReader);
	const interruption = new Interruption();
	const code = await main(process.argv.slice(2), {
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
		get signal() {
			return interruption.listen();
		},
	});
	// a signal is how a server is told to end: what it ends well is no failure
	process.exitCode = code === 0 ? 0 : (interruption.exit ?? code);
	// nor does a thread that does not end keep the process
	if (interruption.exit !== undefined)
		setTimeout(() => exit(), LEFT_MS).unref();
}

const LEFT_MS = 2_000;

/** `process.exit` waits for each thread, for ever where one's run does not end: a child kills the process that stays. */
function exit(code?: number): void {
	const { pid } = process;
	const kill = `setTimeout(() => process.ppid === ${pid} && process.kill(${pid}, "SIGKILL"), ${KILL_MS})`;
	const options = { stdio: "ignore", detached: true } as const;
	spawn(process.execPath, ["-e", kill], options).on("error", () => undefined);
	process.exit(code);
}

const KILL_MS = 1_000;

/** The reader of a pipe may leave early (`| head`): that is no error of ours. */
function leaveWithReader(error: NodeJS.ErrnoException): void {
	if (error.code === "EPIPE") process.exit(0);
	throw error;
}

/** Signals end the process at once, as always, until a command asks for an AbortSignal: then the second one does. */
class Interruption {
	/** The exit status, once a signal came. */
	exit: number | undefined;
	private controller: AbortController | undefined;

	listen(): AbortSignal {
		if (this.controller !== undefined) return this.controller.signal;
		const controller = new AbortController();
		this.controller = controller;
		const interrupt = (signal: keyof typeof SIGNAL_EXITS): void => {
			this.exit = SIGNAL_EXITS[signal];
			controller.abort(signal);
		};
		for (const signal of ["SIGINT", "SIGTERM"] as const)
			process.on(signal, () => {
				if (controller.signal.aborted) exit(SIGNAL_EXITS[signal]);
				interrupt(signal);
			});
		onOrphaned(() => interrupt("SIGTERM"));
		return controller.signal;
	}
}

/** npm and npx run commands by a shell that dies of a signal without passing it on: a lost parent stands for SIGTERM. */
function onOrphaned(action: () => void): void {
	if (process.env.npm_command === undefined) return;
	const parent = process.ppid;
	const timer = setInterval(() => {
		if (process.ppid === parent) return;
		clearInterval(timer);
		action();
	}, 500);
	timer.unref();
}
