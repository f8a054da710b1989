import { Writable } from "node:stream";
import type { CommandContext, GlobalOptions } from "../context.js";
import { animationWanted } from "./style.js";

export interface Progress {
	readonly advance: (done: number) => void;
	readonly close: () => void;
}

const SILENT: Progress = { advance: () => undefined, close: () => undefined };

/** `12 of 100` with a spinner on stderr, gone when it is closed; nothing where no terminal is watched, or for one row. */
export async function openProgress(
	total: number,
	options: GlobalOptions,
	context: CommandContext,
): Promise<Progress> {
	if (total < 2 || !animationWanted(context, options)) return SILENT;
	const { default: ora } = await import("ora");
	const spinner = ora({
		text: `0 of ${total}`,
		stream: terminal(context),
		isEnabled: true,
		discardStdin: false,
	}).start();
	return {
		advance: (done) => {
			spinner.text = `${done} of ${total}`;
			// a run may keep the thread, so that no timer draws
			spinner.render();
		},
		close: () => void spinner.stop(),
	};
}

/** The context's stderr as the terminal that ora writes to. */
function terminal({ stderr }: CommandContext): NodeJS.WritableStream {
	const stream = new Writable({
		decodeStrings: false,
		write: (text, _encoding, done) => {
			stderr(String(text));
			done();
		},
	});
	return Object.assign(stream, {
		isTTY: true,
		columns: 80,
		cursorTo: (column: number) => stream.write(`\x1b[${column + 1}G`),
		clearLine: () => stream.write("\x1b[2K"),
		moveCursor: (_dx: number, dy: number) =>
			stream.write(dy < 0 ? `\x1b[${-dy}A` : `\x1b[${dy}B`),
	});
}
