import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { asMlshipError } from "../../lib/errors.js";
import { readWhole } from "../../lib/formats/file.js";
import type { CommandContext } from "../context.js";
import type { Answerer } from "./answerer.js";
import { saveAnswer } from "./save.js";
import type { PredictSettings } from "./settings.js";

/** Answers a body of TensorFlow Serving's REST API with the bytes that the server would send. */
export async function answerRequest(
	answerer: Answerer,
	file: string,
	settings: PredictSettings,
	context: CommandContext,
): Promise<void> {
	const body = await readBody(file, context);
	const answer = await answerer.answer(body);
	if (settings.out !== undefined)
		saveAnswer(answer, settings.out, settings, context);
	else {
		context.stdout(answer);
		// for a person's eyes only: a script gets the server's bytes and no more
		if (context.isTTY.stdout) context.stdout("\n");
	}
}

/** What Node can read into one buffer, on all platforms. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

async function readBody(
	file: string,
	{ cwd, stdin }: CommandContext,
): Promise<Uint8Array> {
	return file === "-"
		? readStream(stdin)
		: readWhole(resolve(cwd, file), MAX_FILE_BYTES);
}

async function readStream(stream: Readable): Promise<Uint8Array> {
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of stream) chunks.push(Buffer.from(chunk));
	} catch (error) {
		throw asMlshipError(error);
	}
	return Buffer.concat(chunks);
}
