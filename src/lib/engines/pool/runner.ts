import { fail } from "../../errors.js";
import type { Model } from "../../steps/run.js";
import type { Session } from "../engine.js";
import type { Sendable } from "./thread.js";

/** Makes a source once more. */
export type Remake<Source> = () => Source | Promise<Source>;

/** Where a model runs: it is given one, then inputs. */
export interface Runner<Source> extends Pick<Session, "run" | "close"> {
	/** With `remake`, what is lost with a thread is opened anew. */
	open(source: Source, remake?: Remake<Source>): Promise<void>;
}

/** How a source becomes a model. */
export interface Runtime<Source, Sent = Source> {
	/** The script of a worker thread, which calls `serveModel`. */
	readonly script: URL;
	/** What a thread is given of a source. */
	sendable(source: Source): Sendable<Sent> | Promise<Sendable<Sent>>;
	/** Opens it in the caller's own thread. */
	open(sent: Sent): Promise<Model>;
}

/**
 * Threads, which load their runtime while the source is made; without workers the caller's own thread, which waits for each
 * run: for scripts and measurements.
 */
export async function startRunner<Source, Sent>(
	workers: number,
	runtime: Runtime<Source, Sent>,
): Promise<Runner<Source>> {
	if (workers > 0) {
		const { Pool } = await import("./pool.js");
		const pool = new Pool(runtime.script, workers);
		return {
			open: async (source, remake) =>
				pool.open(
					await runtime.sendable(source),
					remake && (async () => runtime.sendable(await remake())),
				),
			run: (inputs, kept) => pool.run(inputs, kept),
			close: () => pool.close(),
		};
	}
	let model: Model | undefined;
	return {
		open: async (source) => {
			const { source: sent, opened } = await runtime.sendable(source);
			try {
				model = await runtime.open(sent);
			} finally {
				opened?.();
			}
		},
		run: (inputs, kept) =>
			model?.run({ ...inputs, ...kept }) ??
			Promise.reject(fail("NOT_READY", "cannot run: the model is not open")),
		close: async () => model?.close(),
	};
}
