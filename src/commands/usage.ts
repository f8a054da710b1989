import type { Command, CommanderError } from "commander";
import { fail, type MlshipError } from "../lib/errors.js";
import { nearest, quoted } from "../lib/nearest.js";

/** What commander says of a wrong command line, in our words and with the nearest existing names. */
export function usageError(
	error: CommanderError,
	argv: readonly string[],
	program: Command,
): MlshipError {
	const command = commandOf(argv, program);
	const said = error.message.replace(/^error: /, "").replace(/\.$/, "");
	const problem =
		PROBLEMS[error.code]?.({
			named: /'(.*?)'/.exec(said)?.[1] ?? "",
			command,
			program,
		}) ?? said.replace(/'/g, '"');
	return fail("INVALID", `cannot read the command line: ${problem}`, {
		hint: `run ${fullName(command)} --help to see what it takes`,
		cause: error,
	});
}

/** The command that a command line names, as far as it does. */
function commandOf(argv: readonly string[], program: Command): Command {
	for (const [i, word] of argv.entries()) {
		const found = program.commands.find((command) => command.name() === word);
		if (found !== undefined) return commandOf(argv.slice(i + 1), found);
	}
	return program;
}

/** `mlship deploy docker`. */
function fullName(command: Command): string {
	const { parent } = command;
	return parent === null
		? command.name()
		: `${fullName(parent)} ${command.name()}`;
}

interface Problem {
	/** What commander names: an option with its flags, or a word of the command line. */
	readonly named: string;
	readonly command: Command;
	readonly program: Command;
}

/** By commander's code of an error; its words are kept where there is no row. */
const PROBLEMS: Readonly<
	Record<string, ((problem: Problem) => string) | undefined>
> = {
	"commander.unknownOption": ({ named, command, program }) =>
		`unknown option "${named}"; the nearest are ${offered(
			named.split("=")[0],
			[command, program].flatMap((each) => optionsOf(each, named)),
		)}`,
	"commander.unknownCommand": ({ command }) =>
		unknownCommand(command.args[0], command),
	// mlship help <name>
	"commander.help": ({ program }) => unknownCommand(program.args[1], program),
	"commander.optionMissingArgument": ({ named }) =>
		`option "${named}" lacks its value`,
	"commander.missingMandatoryOptionValue": ({ named, command }) =>
		`${command.name()} lacks its option "${named}": ${command.options.find(({ flags }) => flags === named)?.description}`,
	"commander.invalidArgument": ({ named, command, program }) =>
		`option "${named}" takes ${choicesOf(named, [command, program])} and nothing else`,
	"commander.missingArgument": ({ named, command }) =>
		`${command.name()} lacks its argument "${named}"`,
	"commander.excessArguments": ({ command }) =>
		`${command.name()} takes ${command.registeredArguments.length} argument, got ${quoted(command.args)}`,
};

function unknownCommand(name: string, program: Command): string {
	const existing = program.commands.map((command) => command.name());
	return `unknown command "${name}"; the nearest are ${offered(name, existing)}`;
}

function choicesOf(flags: string, commands: readonly Command[]): string {
	const option = commands
		.flatMap(({ options }) => options)
		.find((candidate) => candidate.flags === flags);
	return quoted(option?.argChoices ?? []);
}

/** Of an option that is known with dashes and with underscores, the one that is written as `named`. */
function optionsOf(command: Command, named: string): string[] {
	const { options } = command;
	const help = command.createHelp().visibleOptions(command);
	return [...new Set([...help, ...options])].flatMap(
		({ short = "", long = [] }) =>
			short.startsWith("--") && named.includes("_") ? short : long,
	);
}

function offered(name: string, existing: readonly string[]): string {
	return quoted(nearest(name, new Set(existing)).slice(0, 3));
}
