import { asMlshipError, fail, type MlshipError } from "../../errors.js";
import type { Tensors } from "../engine.js";
import { type Sendable, Thread } from "./thread.js";

/** Makes what a thread is given once more. */
export type MakeAgain = () => Sendable | Promise<Sendable>;

/** How long no further thread is tried after one could not be started, in milliseconds. */
const PAUSE = 1_000;

/**
 * Threads that share the work: each request goes to the one with the least to do. One that dies fails its own requests and is
 * replaced, while the others go on; where it was the last, requests wait for its successor. Has a lifetime.
 */
export class Pool {
	readonly #script: URL;
	readonly #size: number;
	#threads: readonly Thread[];
	#again: MakeAgain | undefined;
	#refilling: Promise<void> | undefined;
	/** Why there are fewer threads than there should be. */
	#trouble: MlshipError | undefined;
	/** When another thread may be tried. */
	#notBefore = 0;

	/** Starts threads on a script that calls `serveModel`; they load their runtime while the model for them is still being made. */
	constructor(script: URL, size: number) {
		this.#script = script;
		this.#size = size;
		this.#threads = Array.from({ length: size }, () => this.#start());
	}

	/** Gives the model to all threads; ends them where it cannot be opened. With `again`, those that die later are replaced. */
	async open(
		{ source, transferList, opened }: Sendable,
		again?: MakeAgain,
	): Promise<void> {
		const threads = this.#threads;
		// the last thread takes the weights themselves, those before it are given copies
		const last = threads.length - 1;
		try {
			if (threads.length < this.#size) throw this.#trouble;
			await Promise.all(
				threads.map((thread, i) =>
					thread.open({ source, transferList: i === last ? transferList : [] }),
				),
			);
			this.#again = again;
		} catch (error) {
			await this.close();
			throw error;
		} finally {
			opened?.();
		}
	}

	run(inputs: Tensors, kept?: Tensors): Promise<Tensors> {
		if (this.#threads.length < this.#size) this.#refill();
		const [first, ...others] = this.#threads;
		if (first === undefined) return this.#runLater(inputs, kept);
		let least = first;
		for (const thread of others) if (thread.load < least.load) least = thread;
		return least.run(inputs, kept);
	}

	flush(): void {
		for (const thread of this.#threads) thread.flush();
	}

	async close(): Promise<void> {
		const threads = this.#threads;
		this.#threads = [];
		this.#again = undefined;
		this.#trouble = fail("NOT_READY", "cannot run: the model was closed");
		await Promise.all(threads.map((thread) => thread.close()));
		await this.#refilling;
	}

	#start(): Thread {
		return new Thread(this.#script, (thread, reason) => {
			if (!this.#threads.includes(thread)) return;
			this.#threads = this.#threads.filter((other) => other !== thread);
			this.#trouble = reason;
			this.#refill();
		});
	}

	/** Where no thread is left. */
	async #runLater(inputs: Tensors, kept?: Tensors): Promise<Tensors> {
		await this.#refilling;
		const [thread] = this.#threads;
		if (thread !== undefined) return thread.run(inputs, kept);
		throw this.#trouble ?? fail("BUG", "a pool without threads");
	}

	/** Starts threads until there are as many as there should be, one after the other. */
	#refill(): void {
		if (this.#again === undefined || this.#refilling !== undefined) return;
		if (performance.now() < this.#notBefore) return;
		this.#refilling = this.#addThread(this.#again).then(
			() => {
				this.#refilling = undefined;
				if (this.#threads.length < this.#size) this.#refill();
			},
			(error: unknown) => {
				this.#refilling = undefined;
				this.#notBefore = performance.now() + PAUSE;
				const cause = asMlshipError(error);
				this.#trouble = fail(
					"NOT_READY",
					`cannot run: no worker thread is left, and none could be started: ${cause.message}`,
					{ cause },
				);
			},
		);
	}

	async #addThread(again: MakeAgain): Promise<void> {
		const thread = this.#start();
		try {
			const { opened, ...sent } = await again();
			await thread.open(sent).finally(opened);
		} catch (error) {
			await thread.close();
			throw error;
		}
		if (this.#again === undefined) await thread.close();
		else this.#threads = [...this.#threads, thread];
	}
}
