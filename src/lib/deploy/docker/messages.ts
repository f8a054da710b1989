import { asMlshipError, type MlshipError } from "../../errors.js";

/** What the Engine API writes while it builds or pushes, a line of JSON each (jsonmessage.go). */
export interface DaemonMessage {
	readonly stream?: string;
	readonly status?: string;
	/** Of a layer. */
	readonly id?: string;
	readonly progressDetail?: {
		readonly current?: number;
		readonly total?: number;
	};
	readonly error?: string;
	readonly aux?: Readonly<Record<string, unknown>>;
}

/** Reads the messages to their end; throws what `onFailure` makes of an error among them. */
export async function followMessages(
	stream: NodeJS.ReadableStream,
	{
		onMessage,
		onFailure,
	}: {
		onMessage(message: DaemonMessage): void;
		onFailure(message: string): MlshipError;
	},
): Promise<void> {
	try {
		for await (const line of linesOf(stream)) {
			if (line.trim() === "") continue;
			const message = parsed(line);
			if (message.error !== undefined) throw onFailure(message.error.trim());
			onMessage(message);
		}
	} catch (error) {
		throw asMlshipError(error);
	}
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
	let rest = "";
	stream.setEncoding("utf8");
	for await (const part of stream) {
		const lines = (rest + String(part)).split("\n");
		rest = lines.pop() ?? "";
		yield* lines;
	}
	yield rest;
}

/** What is no JSON is shown as it is. */
function parsed(line: string): DaemonMessage {
	try {
		return JSON.parse(line) as DaemonMessage;
	} catch {
		return { stream: `${line}\n` };
	}
}
