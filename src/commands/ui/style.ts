import { Chalk } from "chalk";
import type { CommandContext, GlobalOptions } from "../context.js";

/** The few ways in which text is set apart; all are the identity where colour is not wanted. */
export interface Style {
	readonly enabled: boolean;
	readonly error: (text: string) => string;
	readonly hint: (text: string) => string;
	readonly title: (text: string) => string;
	readonly name: (text: string) => string;
	readonly faint: (text: string) => string;
}

export function styleFor(enabled: boolean): Style {
	const chalk = new Chalk({ level: enabled ? 1 : 0 });
	return {
		enabled,
		error: chalk.red,
		hint: chalk.yellow,
		title: chalk.bold,
		name: chalk.cyan,
		faint: chalk.dim,
	};
}

/** Colour only on a terminal; never with NO_COLOR (no-color.org), TERM=dumb or `--no-color`. */
export function colourWanted(
	{ env, isTTY }: CommandContext,
	{ color }: GlobalOptions,
	stream: "stdout" | "stderr",
): boolean {
	return (
		isTTY[stream] && color !== false && !env.NO_COLOR && env.TERM !== "dumb"
	);
}

/** Spinners and progress only on a terminal that is not a CI log's. */
export function animationWanted(
	{ env, isTTY }: CommandContext,
	{ quiet, json }: GlobalOptions,
): boolean {
	return isTTY.stderr && !env.CI && !quiet && !json && env.TERM !== "dumb";
}
