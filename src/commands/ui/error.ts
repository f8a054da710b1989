import type { MlshipError } from "../../lib/errors.js";
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
			"this is a mistake in mlship: file an issue with the lines below",
		);
	if (code === "BUG" || debug) lines.push(style.faint(stackOf(error)));
	return `${lines.join("\n")}\n`;
}

function stackOf(error: MlshipError): string {
	const cause = error.cause instanceof Error ? error.cause : error;
	return cause.stack ?? String(cause);
}
