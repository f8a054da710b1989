import { Worker } from "node:worker_threads";
import { fromBinary } from "@bufbuild/protobuf";
import { MetaGraphDefSchema } from "../../../gen/saved_model_pb.js";
import { type PrepareRequest, receivedState } from "../../engines/prepare.js";
import { fail, type MlshipError } from "../../errors.js";
import type { Catalog } from "../version.js";
import {
	type LoaderAnswer,
	type LoaderRequest,
	receivedFailure,
} from "./messages.js";
import type { PreparedSignature, VersionSource } from "./source.js";

const SCRIPT = new URL("./loader-thread.js", import.meta.url);

/**
 * Reads and prepares versions in threads of their own, so that whoever answers requests is not kept from it. One version
 * after another where nothing else is said, as each takes what memory and disk give.
 */
export class Loader {
	readonly #lanes: readonly Lane[];

	/** `atOnce` versions are loaded side by side; 0 is one (`--num_load_threads`). */
	constructor(atOnce = 1) {
		this.#lanes = Array.from(
			{ length: Math.min(Math.max(1, atOnce), MOST_AT_ONCE) },
			() => new Lane(),
		);
	}

	/** Runs a task when those before it are done, or fewer of them are left than may be loaded at once. */
	inTurn<T>(task: (thread: LoaderThread) => Promise<T>): Promise<T> {
		const lane = this.#lanes.reduce((least, other) =>
			other.waiting < least.waiting ? other : least,
		);
		return lane.run(task);
	}

	/** Runs a task at once, in a thread for it alone, which ends when what was prepared is open. */
	async alone(
		task: (thread: LoaderThread) => Promise<PreparedSignature>,
	): Promise<PreparedSignature> {
		const thread = new LoaderThread();
		try {
			const prepared = await task(thread);
			return {
				...prepared,
				opened: () => {
					prepared.opened?.();
					void thread.end();
				},
			};
		} catch (error) {
			await thread.end();
			throw error;
		}
	}
}

/** More threads than this only take memory. */
const MOST_AT_ONCE = 64;

/** One after another; the thread ends with the last that waits, and its memory with it. */
class Lane {
	#last: Promise<unknown> = Promise.resolve();
	#waiting = 0;
	#thread: LoaderThread | undefined;

	/** What is under way and what waits for it. */
	get waiting(): number {
		return this.#waiting;
	}

	run<T>(task: (thread: LoaderThread) => Promise<T>): Promise<T> {
		this.#waiting++;
		const done = this.#last.then(async () => {
			this.#thread ??= new LoaderThread();
			const thread = this.#thread;
			try {
				return await task(thread);
			} finally {
				this.#waiting--;
				if (this.#waiting === 0 || thread.isDead) {
					this.#thread = undefined;
					void thread.end();
				}
			}
		});
		this.#last = done.catch(() => undefined);
		return done;
	}
}

interface Waiting {
	answered(answer: LoaderAnswer): void;
	failed(error: MlshipError): void;
}

/** A thread that reads and prepares. Has a lifetime: `end()` waits until it has cleared up. */
export class LoaderThread {
	readonly #worker = new Worker(SCRIPT);
	readonly #waiting = new Map<number, Waiting>();
	readonly #ended: Promise<void>;
	#next = 0;
	#dead: MlshipError | undefined;

	constructor() {
		// who ends the process does not wait for it
		this.#worker.unref();
		this.#worker.on("message", (answer: LoaderAnswer) =>
			this.#waiting.get(answer.id)?.answered(answer),
		);
		this.#worker.on("error", (cause) => this.#die(accident(cause)));
		this.#ended = new Promise((resolve) => {
			this.#worker.on("exit", (status) => {
				this.#die(accident(new Error(`status ${status}`)));
				resolve();
			});
		});
	}

	get isDead(): boolean {
		return this.#dead !== undefined;
	}

	/** Fails as reading does, with NOT_READY where not all of it is there. */
	catalog(source: VersionSource): Promise<Catalog> {
		return this.#ask({ id: this.#next++, kind: "catalog", source }, (answer) =>
			"catalog" in answer
				? {
						signatures: fromBinary(
							MetaGraphDefSchema,
							answer.catalog.signatures,
						),
						floatFeatures: answer.catalog.floatFeatures,
					}
				: undefined,
		);
	}

	/** Fails as preparing does. */
	prepare(
		source: VersionSource,
		key: string,
		{ changed, starting }: PrepareRequest,
	): Promise<PreparedSignature> {
		const id = this.#next++;
		return this.#ask(
			{ id, kind: "prepare", source, key, changed },
			(answer) => {
				if ("starting" in answer)
					starting?.(answer.starting.engine, answer.starting.workers);
				if (!("prepared" in answer)) return undefined;
				const { prepared } = answer;
				return {
					...prepared,
					state: receivedState(prepared.state),
					opened: () => this.#send({ id, kind: "opened" }),
				};
			},
		);
	}

	async end(): Promise<void> {
		// what it was told before is done before it hears that nobody listens
		this.#send({ id: this.#next++, kind: "end" });
		await this.#ended;
	}

	#ask<T>(
		request: LoaderRequest,
		read: (answer: LoaderAnswer) => T | undefined,
	): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			if (this.#dead !== undefined) return reject(this.#dead);
			const settled = () => this.#waiting.delete(request.id);
			this.#waiting.set(request.id, {
				answered: (answer) => {
					const failed = (error: MlshipError) => {
						settled();
						reject(error);
					};
					if ("error" in answer) return failed(receivedFailure(answer.error));
					const value = read(answer);
					if (value === undefined) return;
					settled();
					resolve(value);
				},
				failed: reject,
			});
			this.#send(request);
		});
	}

	#send(request: LoaderRequest): void {
		if (this.#dead === undefined) this.#worker.postMessage(request);
	}

	#die(reason: MlshipError): void {
		this.#dead ??= reason;
		for (const { failed } of this.#waiting.values()) failed(this.#dead);
		this.#waiting.clear();
	}
}

function accident(cause: Error): MlshipError {
	return fail(
		"NOT_READY",
		`cannot load: the thread that loads died: ${cause.message}`,
		{ cause },
	);
}
