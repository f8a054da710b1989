import { Readable } from "node:stream";
import type { CommandContext } from "../src/commands/context.js";
import { main } from "../src/main.js";

export interface CliRun {
	/** The exit status. */
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface CliOptions {
	readonly cwd?: string;
	readonly env?: CommandContext["env"];
	readonly stdin?: string | Uint8Array;
	/** Whether stdout and stderr are terminals. */
	readonly isTTY?: boolean;
	readonly signal?: AbortSignal;
	/** Called when something was written to stdout: for commands that do not end by themselves. */
	onStdout?(): void;
}

/** Runs a command line in this process, as a script would see it. */
export async function runCli(
	argv: readonly string[],
	options: CliOptions = {},
): Promise<CliRun> {
	const { cwd = process.cwd(), env = {}, stdin, isTTY = false } = options;
	const out: Buffer[] = [];
	const err: string[] = [];
	const code = await main(argv, {
		stdout: (text) => {
			out.push(Buffer.from(text));
			options.onStdout?.();
		},
		stderr: (text) => err.push(text),
		stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
		cwd,
		env,
		isTTY: { stdout: isTTY, stderr: isTTY, stdin: false },
		signal: options.signal ?? new AbortController().signal,
	});
	return {
		code,
		stdout: Buffer.concat(out).toString(),
		stderr: err.join(""),
	};
}
