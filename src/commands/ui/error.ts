import type { Command, CommanderError } from "commander";
import { fail, type MlshipError } from "../../lib/errors.js";
import { nearest, quoted } from "../../lib/nearest.js";
import type { GlobalOptions } from "../context.js";
import type { Style } from "./style.js";

/** `error: …` and `hint: …` for people; one JSON value for scripts. The stack only for our own mistakes, or with `--debug`. */
export function showError(
	error: MlshipError,
	{ json, debug }: GlobalOptions,
	style: Style,
): string {
	const { code, message, hint, at } = error;
	if (json)
		return `${JSON.stringify({ error: { code, message, hint, at } })}\n`;
	const lines = [`${style.error("error:")} ${message}`];
	if (hint !== undefined) lines.push(`${style.hint("hint:")} ${hint}`);
	if (code === "BUG")
		lines.push(
			"this is a mistake in mlship: please file an issue with the lines below",
		);
	if (code === "BUG" || debug) lines.push(style.faint(stackOf(error)));
	return `${lines.join("\n")}\n`;
}

/** What commander says of a wrong command line, in our words and with the nearest existing names. */
export function usageError(
	error: CommanderError,
	argv: readonly string[],
	program: Command,
): MlshipError {
	const command =
		program.commands.find((candidate) => argv.includes(candidate.name())) ??
		program;
	const message = error.message
		.replace(/^error: /, "")
		.replace(/^(unknown|missing)/, "cannot read the command line: $1")
		.replace(/'/g, '"');
	const unknown = /"(.*?)"/.exec(message)?.[1] ?? "";
	const row = SUGGESTIONS[error.code];
	const existing = row?.(command, program) ?? [];
	const name = command === program ? "mlship" : `mlship ${command.name()}`;
	const offer =
		existing.length === 0
			? ""
			: `; the nearest are ${quoted(nearest(unknown.split("=")[0], existing).slice(0, 3))}`;
	return fail("INVALID", `${message}${offer}`, {
		hint: `run ${name} --help to see what it takes`,
		cause: error,
	});
}

/** Which names exist beside a wrong one, by commander's error code. */
const SUGGESTIONS: Readonly<
	Record<string, (command: Command, program: Command) => readonly string[]>
> = {
	"commander.unknownOption": (command) =>
		command.options.flatMap(({ long }) =>
			long === undefined || long === null ? [] : [long],
		),
	"commander.unknownCommand": (_, program) =>
		program.commands.map((command) => command.name()),
};

function stackOf(error: MlshipError): string {
	const cause = error.cause instanceof Error ? error.cause : error;
	return cause.stack ?? String(cause);
}
