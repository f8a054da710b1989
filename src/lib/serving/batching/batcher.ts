import type { Session } from "../../engines/engine.js";
import {
	type BatchingParameters,
	readVersionBatching,
} from "../config/batching.js";
import type { BatchObserver } from "./observer.js";
import { AUTOMATIC_RULE, askedRule } from "./rule.js";
import { batchedSession } from "./session.js";
import { BatchThreads } from "./threads.js";

/** How a server puts requests together. */
export type BatchingChoice =
	| { readonly kind: "off" }
	/** Nobody says: where it is a gain and cannot be seen in an answer. */
	| { readonly kind: "automatic" }
	/** By parameters; with `perVersion` by those in a version's folder, a version without them being left as it is. */
	| {
			readonly kind: "asked";
			readonly parameters: BatchingParameters;
			readonly perVersion: boolean;
	  };

/** A session and what is known of it. */
export interface Batchable {
	/** The version's folder. */
	readonly dir: string;
	readonly session: Session;
	/** How many runs it does side by side. */
	readonly workers: number;
	readonly traits: BatchTraits;
}

/** What a program says of running requests together. */
export interface BatchTraits {
	/** Whether a run changes what the next one answers. */
	readonly isStateful: boolean;
	/** Whether each row of the outputs is certain to be made of the same row of the inputs, and of nothing else. */
	readonly hasOwnRows: boolean;
}

/** Of a model whose inside is not known. */
export const UNKNOWN_TRAITS: BatchTraits = {
	isStateful: false,
	hasOwnRows: false,
};

/** Puts the requests of all models of a server together; the queues of models share their threads. */
export class Batcher {
	readonly #choice: BatchingChoice;
	readonly #observer: BatchObserver | undefined;
	/** By name. */
	readonly #threads = new Map<string, BatchThreads>();

	constructor(choice: BatchingChoice, observer?: BatchObserver) {
		this.#choice = choice;
		this.#observer = observer;
	}

	/**
	 * The session to use in the place of the given one. A signature that changes variables or tables stays as it is: what
	 * fails could not be run again without changing them twice.
	 */
	around(batchable: Batchable): Session {
		const { session, traits } = batchable;
		if (this.#choice.kind === "off" || traits.isStateful) return session;
		if (this.#choice.kind === "automatic") return this.#automatic(batchable);
		const { parameters, perVersion } = this.#choice;
		const own = perVersion
			? readVersionBatching(batchable.dir, parameters)
			: parameters;
		return own === undefined ? session : this.#asked(session, own);
	}

	#automatic({ session, workers, traits }: Batchable): Session {
		if (!traits.hasOwnRows || !hasOpenRows(session)) return session;
		return batchedSession(session, {
			rule: AUTOMATIC_RULE,
			threads: new BatchThreads(Math.max(1, workers), { ahead: AHEAD }),
			pool: "automatic",
			observer: this.#observer,
		});
	}

	#asked(session: Session, parameters: BatchingParameters): Session {
		const { threadPoolName, numBatchThreads } = parameters;
		const threads =
			this.#threads.get(threadPoolName) ?? new BatchThreads(numBatchThreads);
		this.#threads.set(threadPoolName, threads);
		return batchedSession(session, {
			rule: askedRule(parameters),
			threads,
			pool: threadPoolName,
			observer: this.#observer,
		});
	}
}

/** One that runs and one that waits for it: a worker never waits for this thread. */
const AHEAD = 2;

/** Whether any number of rows goes in and out. */
function hasOpenRows({ inputs, outputs }: Session): boolean {
	return (
		inputs.length > 0 &&
		[...inputs, ...outputs].every(({ shape }) => (shape?.[0] ?? 0) < 0)
	);
}
