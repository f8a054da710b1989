import type { Readable } from "node:stream";
import type { Command } from "commander";
import { ERROR_CODES, type ErrorCode } from "../lib/errors.js";

/** What a command is given instead of the process: tests pass their own. */
export interface CommandContext {
	/** Writes to stdout: the result, and nothing else. */
	stdout(text: string | Uint8Array): void;
	/** Writes to stderr: messages, progress, errors. */
	stderr(text: string): void;
	readonly stdin: Readable;
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Whether stdout, stderr and stdin are terminals. */
	readonly isTTY: {
		readonly stdout: boolean;
		readonly stderr: boolean;
		readonly stdin: boolean;
	};
	/** Aborted by the first SIGINT or SIGTERM. */
	readonly signal: AbortSignal;
}

/** A subcommand as a value: `define` adds it to the program; its action imports what is heavy when it runs. */
export interface CommandDefinition {
	readonly name: string;
	define(program: Command, context: CommandContext): void;
	/** Rewrites words that the command knows otherwise than commander does. */
	spell?(argv: readonly string[]): string[];
}

/** Thrown where stdout tells of a failure already, so that only the exit status is left to say. */
export class ReportedFailure extends Error {
	constructor(
		readonly code: ErrorCode,
		readonly exit: number = ERROR_CODES[code].exit,
	) {
		super(`reported: ${code}`);
	}
}

export interface GlobalOptions {
	readonly json?: boolean;
	readonly quiet?: boolean;
	readonly debug?: boolean;
	/** False under `--no-color`. */
	readonly color?: boolean;
}
