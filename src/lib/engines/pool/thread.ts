import { Worker } from "node:worker_threads";
import { fail, type MlshipError } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Tensors } from "../engine.js";
import {
	fromMessage,
	OPENED,
	type RunMessage,
	type SentError,
	toMessage,
	transferable,
	type WorkerMessage,
} from "./messages.js";

/** A source that a thread can be given, and the buffers of it that may move there. */
export interface Sendable<Sent = unknown> {
	readonly source: Sent;
	readonly transferList: readonly ArrayBuffer[];
	/** Called when all threads have opened it, or could not. */
	readonly opened?: () => void;
}

interface Waiting {
	resolve(outputs: Tensors): void;
	reject(error: MlshipError): void;
}

/** One thread with one model. Has a lifetime, which may end before it is closed: `died` is told why, once. */
export class Thread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	readonly #died: (thread: Thread, reason: MlshipError) => void;
	/** The tensors that the worker keeps, as they were before they were sent. */
	readonly #kept = new Map<string, Tensor>();
	#outbox: RunMessage[] = [];
	#sending: NodeJS.Immediate | undefined;
	#next = 0;
	#dead: MlshipError | undefined;

	constructor(
		script: URL,
		died: (thread: Thread, reason: MlshipError) => void = () => undefined,
	) {
		this.#died = died;
		this.#worker = new Worker(script);
		this.#worker.on("message", (messages: readonly WorkerMessage[]) => {
			for (const message of messages) this.#settle(message);
		});
		this.#worker.on("error", (cause) =>
			this.#die(accident(cause.message ?? String(cause), cause)),
		);
		this.#worker.on("exit", (status) =>
			this.#die(accident(`status ${status}`)),
		);
	}

	open({ source, transferList }: Sendable): Promise<void> {
		if (this.#dead !== undefined) return Promise.reject(this.#dead);
		this.#worker.postMessage(source, [...transferList]);
		return new Promise((resolve, reject) => {
			this.#waiting.set(OPENED, { resolve: () => resolve(), reject });
		});
	}

	get load(): number {
		return this.#waiting.size;
	}

	run(inputs: Tensors, kept: Tensors = {}): Promise<Tensors> {
		if (this.#dead !== undefined) return Promise.reject(this.#dead);
		const id = this.#next++;
		const message = { id, inputs: toMessage(inputs) };
		const changed = this.#changed(kept);
		this.#outbox.push(
			changed === undefined
				? message
				: { ...message, kept: toMessage(changed) },
		);
		this.#sending ??= setImmediate(() => this.flush());
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
		});
	}

	/** One message for all requests that one turn of the event loop brought: each costs as much as a small model's run. */
	flush(): void {
		if (this.#sending === undefined) return;
		clearImmediate(this.#sending);
		this.#sending = undefined;
		const messages = this.#outbox;
		this.#outbox = [];
		this.#worker.postMessage(messages, [
			...new Set(messages.flatMap(({ inputs }) => transferable(inputs))),
		]);
	}

	async close(): Promise<void> {
		this.#die(fail("NOT_READY", "cannot finish: the model was closed"));
		await this.#worker.terminate();
	}

	#changed(kept: Tensors): Tensors | undefined {
		const changed = Object.entries(kept).filter(
			([name, tensor]) => this.#kept.get(name) !== tensor,
		);
		for (const [name, tensor] of changed) this.#kept.set(name, tensor);
		return changed.length === 0 ? undefined : Object.fromEntries(changed);
	}

	#settle(message: WorkerMessage): void {
		const waiting = this.#waiting.get(message.id);
		this.#waiting.delete(message.id);
		if ("error" in message) waiting?.reject(received(message.error));
		else {
			const outputs = fromMessage(message.outputs);
			for (const [name, tensor] of Object.entries(outputs))
				if (this.#kept.has(name)) this.#kept.set(name, tensor);
			waiting?.resolve(outputs);
		}
	}

	#die(reason: MlshipError): void {
		if (this.#dead !== undefined) return;
		this.#dead = reason;
		this.#died(this, reason);
		for (const { reject } of this.#waiting.values()) reject(reason);
		this.#waiting.clear();
	}
}

function accident(how: string, cause?: unknown): MlshipError {
	return fail("NOT_READY", `cannot finish: a worker thread died: ${how}`, {
		cause,
	});
}

function received({ code, message }: SentError): MlshipError {
	return fail(code, message);
}
