import { Worker } from "node:worker_threads";
import { fail, type MlshipError } from "../../errors.js";
import type { Tensors } from "../engine.js";
import {
	compact,
	OPENED,
	type RunMessage,
	type SentError,
	transferable,
	type WorkerMessage,
} from "./messages.js";

interface Waiting {
	resolve(outputs: Tensors): void;
	reject(error: MlshipError): void;
}

/** A source that a thread can be given, and the buffers of it that may move there. */
export interface Sendable {
	readonly source: unknown;
	readonly transferList: readonly ArrayBuffer[];
}

/** One thread with one model. Has a lifetime. */
class Thread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#outbox: RunMessage[] = [];
	#next = 0;
	#dead: MlshipError | undefined;

	constructor(script: URL) {
		this.#worker = new Worker(script);
		this.#worker.on("message", (messages: readonly WorkerMessage[]) => {
			for (const message of messages) this.#settle(message);
		});
		this.#worker.on("error", (cause) =>
			this.#die(
				fail(
					"NOT_READY",
					`cannot finish: a worker thread died: ${cause.message}`,
					{ cause },
				),
			),
		);
		this.#worker.on("exit", () =>
			this.#die(fail("NOT_READY", "cannot finish: the model was closed")),
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

	run(inputs: Tensors): Promise<Tensors> {
		if (this.#dead !== undefined) return Promise.reject(this.#dead);
		const id = this.#next++;
		this.#outbox.push({ id, inputs: compact(inputs) });
		if (this.#outbox.length === 1) setImmediate(() => this.#send());
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
		});
	}

	async close(): Promise<void> {
		await this.#worker.terminate();
	}

	/** One message for all requests that one turn of the event loop brought: each costs as much as a small model's run. */
	#send(): void {
		const messages = this.#outbox;
		this.#outbox = [];
		this.#worker.postMessage(messages, [
			...new Set(messages.flatMap(({ inputs }) => transferable(inputs))),
		]);
	}

	#settle(message: WorkerMessage): void {
		const waiting = this.#waiting.get(message.id);
		this.#waiting.delete(message.id);
		if ("error" in message) waiting?.reject(received(message.error));
		else waiting?.resolve(message.outputs);
	}

	#die(error: MlshipError): void {
		this.#dead ??= error;
		for (const { reject } of this.#waiting.values()) reject(this.#dead);
		this.#waiting.clear();
	}
}

/** Threads that share the work: each request goes to the one with the least to do. Has a lifetime. */
export class Pool {
	readonly #threads: readonly Thread[];

	/** Starts threads on a script that calls `serveModel`; they load their runtime while the model for them is still being made. */
	constructor(script: URL, size: number) {
		this.#threads = Array.from({ length: size }, () => new Thread(script));
	}

	/** Gives the model to all threads; ends them where it cannot be opened. */
	async open({ source, transferList }: Sendable): Promise<void> {
		// the last thread takes the weights themselves, those before it are given copies
		const last = this.#threads.length - 1;
		try {
			await Promise.all(
				this.#threads.map((thread, i) =>
					thread.open({ source, transferList: i === last ? transferList : [] }),
				),
			);
		} catch (error) {
			await this.close();
			throw error;
		}
	}

	run(inputs: Tensors): Promise<Tensors> {
		let least = this.#threads[0];
		for (const thread of this.#threads)
			if (thread.load < least.load) least = thread;
		return least.run(inputs);
	}

	async close(): Promise<void> {
		await Promise.all(this.#threads.map((thread) => thread.close()));
	}
}

function received({ code, message }: SentError): MlshipError {
	return fail(code, message);
}
