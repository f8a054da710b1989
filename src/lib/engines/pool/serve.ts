import { parentPort } from "node:worker_threads";
import { asMlshipError } from "../../errors.js";
import type { Model } from "../../steps/run.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
	fromMessage,
	OPENED,
	type RunMessage,
	type SentError,
	toMessage,
	transferable,
	type WorkerMessage,
} from "./messages.js";

/** Answers wait for one another at most this long: a message costs as much as the run of a small model. */
const GATHER_MS = 0.5;

/**
 * Makes this thread one of a pool: it opens the source that comes first, then answers runs. Runtimes block whoever calls
 * them, so each has threads of its own. Does nothing in the main thread.
 */
export function serveModel<Source>(
	open: (source: Source) => Promise<Model>,
): void {
	const port = parentPort;
	if (port === null) return;
	const send = (answers: readonly WorkerMessage[]) =>
		port.postMessage(
			answers,
			answers.flatMap((answer) =>
				"outputs" in answer ? transferable(answer.outputs, kept) : [],
			),
		);
	const kept: Record<string, Tensor> = {};
	port.once("message", (source: Source) => {
		const opening = open(source);
		opening.then(
			() => send([{ id: OPENED, outputs: {} }]),
			(error: unknown) => send([{ id: OPENED, error: sent(error) }]),
		);
		port.on("message", async (messages: readonly RunMessage[]) =>
			runAll(await opening, messages, kept, send),
		);
	});
}

async function runAll(
	model: Model,
	messages: readonly RunMessage[],
	kept: Record<string, Tensor>,
	send: (answers: readonly WorkerMessage[]) => void,
): Promise<void> {
	let answers: WorkerMessage[] = [];
	let since = performance.now();
	for (const message of messages) {
		answers.push(await run(model, message, kept));
		if (performance.now() - since < GATHER_MS) continue;
		send(answers);
		answers = [];
		since = performance.now();
	}
	if (answers.length > 0) send(answers);
}

async function run(
	model: Model,
	{ id, inputs, kept: changed = {} }: RunMessage,
	kept: Record<string, Tensor>,
): Promise<WorkerMessage> {
	try {
		Object.assign(kept, fromMessage(changed));
		const outputs = await model.run({ ...kept, ...fromMessage(inputs) });
		for (const name of Object.keys(kept))
			kept[name] = outputs[name] ?? kept[name];
		return { id, outputs: toMessage(outputs) };
	} catch (error) {
		return { id, error: sent(error) };
	}
}

function sent(error: unknown): SentError {
	const { code, message } = asMlshipError(error);
	return { code, message };
}
