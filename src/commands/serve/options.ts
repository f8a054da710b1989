import { type Command, CommanderError, Option } from "commander";
import { optionName } from "../options.js";
import type { FlagValues } from "./flags.js";
import { FLAGS, type Flag, type FlagName } from "./flags.js";

const ROWS = Object.entries(FLAGS) as readonly (readonly [FlagName, Flag])[];

/** Adds the flags of the table to the command; the help has them in groups, each by one name. */
export function addFlags(command: Command): void {
	for (const [name, flag] of ROWS) command.addOption(optionOf(name, flag));
	command.configureHelp({
		...command.configureHelp(),
		optionTerm: ({ flags }) => termOf(flags),
	});
	command.addHelpText("after", NAMED_HELP);
}

function optionOf(
	name: string,
	{ value, about, group, ...flag }: Flag,
): Option {
	const dashed = name.replaceAll("_", "-");
	const names = name === dashed ? `--${name}` : `--${name}, --${dashed}`;
	const standard = ["", "0", "false"].includes(flag.default);
	const option = new Option(
		`${names} ${value ?? "[bool]"}`,
		standard ? about : `${about} (default: ${flag.default})`,
	);
	const title = TITLES[group];
	if (title !== undefined) option.helpGroup(title);
	return option.hideHelp(group === "named");
}

const TITLES: Readonly<Partial<Record<Flag["group"], string>>> = {
	access: "Who may ask, how much, and for how long:",
	rest: "TensorFlow Serving's other flags:",
};

/** TensorFlow Serving's names as they are there, ours with dashes. */
function termOf(flags: string): string {
	const [, name, dashed, value] =
		/^--([\w-]+), --([\w-]+)( .*)?$/.exec(flags) ?? [];
	if (name === undefined) return flags.replace(" [bool]", "");
	const flag: Flag | undefined = Object.hasOwn(FLAGS, name)
		? FLAGS[name as FlagName]
		: undefined;
	const shown = flag?.isUpstream === true ? name : dashed;
	return `--${shown}${(value ?? "").replace(" [bool]", "")}`;
}

const NAMED = ROWS.filter(([, { group }]) => group === "named").map(
	([name]) => `--${name}`,
);

const NAMED_HELP = `
Taken without effect, or refused, as docs/serving.md says:
${wrapped(NAMED)}

Flags are --name=value or --name value, with underscores or dashes; those without a value are --name, --name=true or
--name=false.
`;

function wrapped(words: readonly string[]): string {
	const lines: string[] = [];
	for (const word of words) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + word.length < 100)
			lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(`  ${word}`);
	}
	return lines.join("\n");
}

/** What was given, read; fails with INVALID, what is wanted being said. */
export function readFlags(
	options: Readonly<Record<string, unknown>>,
): FlagValues {
	const given = ROWS.flatMap(([name, flag]) => {
		const value = options[optionName(name)];
		return value === undefined
			? []
			: [[name, flag.read(String(value), `--${spelled(name, flag)}`)] as const];
	});
	return Object.fromEntries(given);
}

function spelled(name: string, { isUpstream }: Flag): string {
	return isUpstream === true ? name : name.replaceAll("_", "-");
}

/**
 * Makes flags without a value known as such: in TensorFlow Serving's command lines what follows `--enable_batching` is
 * another argument, where commander would take it for the value.
 */
export function withSwitchValues(argv: readonly string[]): string[] {
	const end = argv.indexOf("--");
	return argv.map((word, i) =>
		SWITCHES.has(word) && (end < 0 || i < end) ? `${word}=true` : word,
	);
}

const SWITCHES = new Set(
	ROWS.filter(([, { value }]) => value === undefined).flatMap(([name]) => [
		`--${name}`,
		`--${name.replaceAll("_", "-")}`,
	]),
);

/**
 * The paths among the arguments, and the flags that no row knows: TensorFlow Serving prints those and goes on, which
 * `strict` keeps. Fails as commander does in the other mode.
 */
export function splitArguments(
	words: readonly string[],
	compat: FlagValues["compat"] = "default",
): { readonly paths: string[]; readonly unknown: string[] } {
	const unknown = words.filter((word) => /^--?\D/.test(word));
	if (unknown.length > 0 && compat === "default")
		throw new CommanderError(
			1,
			"commander.unknownOption",
			`error: unknown option '${unknown[0]}'`,
		);
	return { paths: words.filter((word) => !unknown.includes(word)), unknown };
}

/** What is said at the start of flags that have no effect. */
export function notesOf(values: FlagValues): string[] {
	return ROWS.flatMap(([name, flag]) => {
		const value = values[name];
		if (flag.ignored === undefined || value === undefined) return [];
		const isHarmless = [flag.default, flag.harmless].includes(String(value));
		return isHarmless ? [] : [`--${name} has no effect: ${flag.ignored}`];
	});
}

/** Why the server may not start with these flags; undefined if it may. */
export function refusalOf(values: FlagValues): string | undefined {
	const refused = ROWS.find(
		([name, flag]) => flag.refused !== undefined && values[name] === true,
	);
	return refused && `--${refused[0]}: ${refused[1].refused}`;
}
