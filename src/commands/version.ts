import { Option } from "commander";
import type { CommandDefinition, GlobalOptions } from "./context.js";
import { SUBCOMMANDS, type Subcommand } from "./version/subcommands.js";

/** As they are written on the command line; each subcommand has some of them. */
export interface VersionCommandOptions extends GlobalOptions {
	readonly models?: string;
	readonly message?: string;
	readonly who?: string;
	readonly basePath?: string;
	readonly wait?: string;
	readonly dryRun?: boolean;
	readonly link?: boolean;
	readonly force?: boolean;
	readonly engine?: string;
	readonly remove?: boolean;
	readonly by?: string;
	readonly to?: string;
	readonly record?: boolean;
	readonly limit?: string;
	readonly evaluate?: readonly string[];
	readonly metric?: string;
	readonly min?: string;
	readonly max?: string;
	readonly maxDrop?: string;
	readonly scale?: string;
	readonly output?: string;
	readonly signature?: string;
}

export const versionCommand: CommandDefinition = {
	name: "version",
	define: (program, context) => {
		const version = program
			.command("version")
			.summary("add, compare, promote and roll back versions of models")
			.description(
				"Manage the versions of models in a repository: a folder that mlship serve and TensorFlow Serving can serve meanwhile.",
			)
			.addHelpText("before", EXAMPLES.trimStart());
		for (const subcommand of SUBCOMMANDS) {
			const { name, summary, description, examples } = subcommand;
			const command = version
				.command(name)
				.summary(summary)
				.description(description)
				.addHelpText("before", `\nExamples:\n${examples}\n\n`.trimStart());
			for (const [flags, about] of subcommand.arguments)
				command.argument(flags, about);
			for (const option of optionsOf(subcommand)) command.addOption(option);
			command.action(async () => {
				const run = await subcommand.load();
				const options = command.optsWithGlobals<VersionCommandOptions>();
				await run(command.args, options, context);
			});
		}
	},
};

const EXAMPLES = `
Examples:
  mlship version list                                  what there is, and who answers
  mlship version add ./trained digits                  the next version of models/digits
  mlship version split digits 1@90 2@10                10 % of the requests try version 2
  mlship version promote digits@2 --message "8 % fewer errors"
  mlship version rollback digits                       back to the version before
`;

function optionsOf({ changes, options }: Subcommand): Option[] {
	const all = [
		new Option("--models <dir>", "where models are (default: ./models)"),
		...options(),
	];
	return changes ? [...all, ...changingOptions()] : all;
}

function changingOptions(): Option[] {
	return [
		new Option("--message <text>", "why, for the history"),
		new Option("--who <name>", "who, for the history (default: the user)"),
		new Option(
			"--base-path <dir>",
			"where TensorFlow Serving finds the repository, for models.config (as /models)",
		),
		new Option(
			"--wait <time>",
			"for how long to wait for another process (default: 10s)",
		),
	];
}
