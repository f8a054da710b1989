import { fail } from "../../errors.js";
import type { Model } from "../../steps/run.js";
import type { Session } from "../engine.js";
import type { MakeAgain } from "./pool.js";
import type { Sendable } from "./thread.js";

/** Where a model runs: it is given one, then inputs. */
export interface Runner extends Pick<Session, "run" | "flush" | "close"> {
	/** With `again`, what is lost with a thread is opened anew. */
	open(sendable: Sendable, again?: MakeAgain): Promise<void>;
}

/** How what was sent becomes a model. */
export interface Runtime {
	/** The script of a worker thread, which calls `serveModel`. */
	readonly script: URL;
	/** Opens it in the caller's own thread, with what other programs there use too. */
	open(source: unknown, resources?: Map<string, object>): Promise<Model>;
}

/**
 * Threads, which load their runtime while the source is made; without workers the caller's own thread, which waits for each
 * run: for scripts and measurements.
 */
export async function startRunner(
	workers: number,
	runtime: Runtime,
	resources?: Map<string, object>,
): Promise<Runner> {
	if (workers > 0) {
		const { Pool } = await import("./pool.js");
		return new Pool(runtime.script, workers);
	}
	let model: Model | undefined;
	return {
		open: async ({ source, opened }) => {
			try {
				model = await runtime.open(source, resources);
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
