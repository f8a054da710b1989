import { parentPort, workerData } from "node:worker_threads";
import { asMlshipError } from "../../errors.js";
import {
	OPENED,
	type RunMessage,
	type SentError,
	transferable,
	type WorkerData,
	type WorkerMessage,
} from "./messages.js";
import { type Model, openModel } from "./model.js";

/** The thread in which a session runs: ONNX Runtime blocks whoever calls it. */
const port = parentPort;
if (port !== null) {
	const opening = openModel(workerData as WorkerData);
	opening.then(
		() => port.postMessage({ id: OPENED, outputs: {} } satisfies WorkerMessage),
		(error: unknown) =>
			port.postMessage({
				id: OPENED,
				error: sent(error),
			} satisfies WorkerMessage),
	);
	port.on("message", async (message: RunMessage) => {
		const answer = await run(await opening, message);
		port.postMessage(
			answer,
			"outputs" in answer ? transferable(answer.outputs) : [],
		);
	});
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
