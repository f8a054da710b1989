import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { fail, type MlshipError } from "../../lib/errors.js";
import { nearest, quoted } from "../../lib/nearest.js";
import { optionName, settable } from "../options.js";

/** Defaults of options for a project folder; what stands under a command's name is for that command alone. */
export const PROJECT_FILE = "mlship.config.json";

/**
 * What mlship.config.json in a folder says for a command, by name of the option. Fails with INVALID for a name that is no
 * option's, whichever command it stands under.
 */
export function readProject(
	folder: string,
	command: Command,
	program: Command,
): ReadonlyMap<string, unknown> {
	const path = join(folder, PROJECT_FILE);
	if (!existsSync(path)) return new Map();
	const file = objectOf(parse(readFileSync(path, "utf8")));
	const commands = program.commands.map((each) => each.name());
	const forAll = namesOf([program, ...program.commands.flatMap(family)]);
	const values = Object.entries(file)
		.filter(([key]) => !commands.includes(key))
		.map(
			([key, value]) => [known(key, [...forAll, ...commands]), value] as const,
		);
	const own = program.commands.flatMap((each) =>
		Object.entries(objectOf(file[each.name()] ?? {})).map(
			([key, value]) =>
				[each, known(key, namesOf([program, ...family(each)])), value] as const,
		),
	);
	return new Map([
		...values,
		...own
			.filter(([owner]) => family(owner).includes(command))
			.map(([, name, value]) => [name, value] as const),
	]);
}

/** A command and those that it has below it, which share what stands under its name. */
function family(command: Command): Command[] {
	return [command, ...command.commands.flatMap(family)];
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw unreadable(`it is no JSON: ${(cause as Error).message}`, cause);
	}
}

function objectOf(value: unknown): Record<string, unknown> {
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		return value as Record<string, unknown>;
	throw unreadable(
		`an object of options is wanted, got ${JSON.stringify(value)}`,
	);
}

function namesOf(commands: readonly Command[]): string[] {
	return commands.flatMap((command) =>
		settable(command).map((option) => optionName(option.attributeName())),
	);
}

function known(key: string, names: readonly string[]): string {
	const name = optionName(key);
	if (names.includes(name)) return name;
	const offered = nearest(name, new Set(names)).slice(0, 3);
	throw unreadable(`"${key}" is no option; the nearest are ${quoted(offered)}`);
}

function unreadable(reason: string, cause?: unknown): MlshipError {
	return fail("INVALID", `cannot read ${PROJECT_FILE}: ${reason}`, {
		at: { file: PROJECT_FILE },
		cause,
	});
}
