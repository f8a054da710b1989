import { parentPort } from "node:worker_threads";
import { asMlshipError } from "../../errors.js";
import type { Model } from "../../steps/run.js";
import {
	OPENED,
	type RunMessage,
	type SentError,
	transferable,
	type WorkerMessage,
} from "./messages.js";
import { type ModelSource, openModel } from "./model.js";
import { loadRuntime } from "./runtime.js";

/** Answers wait for one another at most this long: a message costs as much as the run of a small model. */
const GATHER_MS = 0.5;

/** The thread in which a session runs: ONNX Runtime blocks whoever calls it. */
const port = parentPort;
if (port !== null) {
	const send = (answers: readonly WorkerMessage[]) =>
		port.postMessage(
			answers,
			answers.flatMap((answer) =>
				"outputs" in answer ? transferable(answer.outputs) : [],
			),
		);
	// it is there when the model comes; that it cannot be loaded is said then
	void loadRuntime().catch(() => undefined);
	port.once("message", (source: ModelSource) => {
		const opening = openModel(source);
		opening.then(
			() => send([{ id: OPENED, outputs: {} }]),
			(error: unknown) => send([{ id: OPENED, error: sent(error) }]),
		);
		port.on("message", async (messages: readonly RunMessage[]) =>
			runAll(await opening, messages, send),
		);
	});
}

async function runAll(
	model: Model,
	messages: readonly RunMessage[],
	send: (answers: readonly WorkerMessage[]) => void,
): Promise<void> {
	let answers: WorkerMessage[] = [];
	let since = performance.now();
	for (const message of messages) {
		answers.push(await run(model, message));
		if (performance.now() - since < GATHER_MS) continue;
		send(answers);
		answers = [];
		since = performance.now();
	}
	if (answers.length > 0) send(answers);
}

async function run(
	model: Model,
	{ id, inputs }: RunMessage,
): Promise<WorkerMessage> {
	try {
		return { id, outputs: await model.run(inputs) };
	} catch (error) {
		return { id, error: sent(error) };
	}
}

function sent(error: unknown): SentError {
	const { code, message } = asMlshipError(error);
	return { code, message };
}
