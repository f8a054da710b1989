import { type Command, CommanderError, type Option } from "commander";
import { fail, type MlshipError } from "../../lib/errors.js";
import { quoted } from "../../lib/nearest.js";
import type { CommandContext } from "../context.js";
import { optionName, settable } from "../options.js";
import { PROJECT_FILE, readProject } from "./project.js";

/**
 * Gives the options that were not typed the values of `MLSHIP_*` variables, else those of mlship.config.json in the current
 * folder. Fails with INVALID for a value that its option cannot take, and for a name in the file that is no option's.
 */
export function applyDefaults(
	command: Command,
	program: Command,
	{ env, cwd }: CommandContext,
): void {
	const project = readProject(cwd, command, program);
	for (const owner of [program, command])
		for (const option of settable(owner)) {
			const attribute = option.attributeName();
			if (owner.getOptionValueSource(attribute) === "cli") continue;
			const value =
				fromVariable(option, env) ??
				fromProject(option, project.get(optionName(attribute)));
			if (value !== undefined)
				owner.setOptionValueWithSource(attribute, value, "config");
		}
}

function fromVariable(option: Option, env: CommandContext["env"]): unknown {
	// --rest-api-port is MLSHIP_REST_API_PORT
	const variable = `MLSHIP_${(option.long ?? "").slice(2).replaceAll("-", "_").toUpperCase()}`;
	const text = env[variable];
	if (text === undefined || text === "" || SERVICE_LINK.test(text))
		return undefined;
	const value = typed(option, text, variable);
	// the variable of --no-color says no, its attribute says yes
	return option.negate ? !value : value;
}

/** Kubernetes tells of a Service named mlship by MLSHIP_PORT=tcp://10.0.0.1:8501. */
const SERVICE_LINK = /^(tcp|udp|sctp):\/\//;

function fromProject(option: Option, value: unknown): unknown {
	return value === undefined
		? undefined
		: typed(option, value, `"${option.attributeName()}" of ${PROJECT_FILE}`);
}

/** What the option would be, had the value been typed. */
function typed(option: Option, value: unknown, source: string): unknown {
	const { required, optional, variadic, parseArg } = option;
	const wanted = (what: string): MlshipError =>
		fail(
			"INVALID",
			`cannot use ${source}: ${what} is wanted, got ${JSON.stringify(value)}`,
		);
	if (!required && !optional) {
		const flag = FLAGS.get(String(value));
		if (flag === undefined) throw wanted("true or false");
		return flag;
	}
	const words = Array.isArray(value) ? value : [value];
	if (words.some((word) => typeof word === "object"))
		throw wanted("a text or a number");
	const texts = words.map(String);
	if (parseArg !== undefined) return parsed(option, texts, wanted);
	if (variadic) return texts;
	if (texts.length !== 1) throw wanted("one value");
	return texts[0];
}

const FLAGS = new Map([
	["true", true],
	["1", true],
	["false", false],
	["0", false],
]);

function parsed(
	{ parseArg, argChoices = [] }: Option,
	texts: readonly string[],
	wanted: (what: string) => MlshipError,
): unknown {
	try {
		return texts.reduce<unknown>(
			(before, text) => parseArg?.(text, before),
			undefined,
		);
	} catch (error) {
		throw error instanceof CommanderError
			? wanted(`one of ${quoted(argChoices)}`)
			: error;
	}
}
