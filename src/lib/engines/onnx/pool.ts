import { Worker } from "node:worker_threads";
import { fail, type MlshipError } from "../../errors.js";
import type { Tensors } from "../engine.js";
import {
	compact,
	OPENED,
	ownWeights,
	type RunMessage,
	type SentError,
	transferable,
	type WorkerData,
	type WorkerMessage,
} from "./messages.js";

interface Waiting {
	resolve(outputs: Tensors): void;
	reject(error: MlshipError): void;
}

/** One thread with one session. Has a lifetime. */
class Thread {
	readonly opened: Promise<void>;
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#outbox: RunMessage[] = [];
	#next = 0;
	#dead: MlshipError | undefined;

	constructor(data: WorkerData, transferList: readonly ArrayBuffer[]) {
		this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
			workerData: data,
			transferList: [...transferList],
		});
		this.opened = new Promise((resolve, reject) =>
			this.#waiting.set(OPENED, { resolve: () => resolve(), reject }),
		);
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

	private constructor(threads: readonly Thread[]) {
		this.#threads = threads;
	}

	static async open(data: WorkerData, size: number): Promise<Pool> {
		const threads = Array.from({ length: size }, (_, i) => {
			const { own, transferList } = ownWeights(data);
			// the last thread takes the weights themselves, those before it are given copies
			return i === size - 1
				? new Thread(own, transferList)
				: new Thread(own, []);
		});
		const pool = new Pool(threads);
		try {
			await Promise.all(threads.map((thread) => thread.opened));
			return pool;
		} catch (error) {
			await pool.close();
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
