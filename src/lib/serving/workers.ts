import type { EngineOptions } from "../engines/engine.js";

type Shares = Pick<EngineOptions, "workers" | "threads">;

/**
 * How the cores are shared out to requests, where nobody says: threads that help one run cost more than they bring to
 * many, so there are workers with a thread each, as long as their copies of the weights stay small; cores that are left
 * become threads inside a run.
 */
export function shareCores(
	{ workers, threads }: Shares,
	{ cores, weightBytes }: { cores: number; weightBytes: number },
): Required<Shares> {
	const copies = Math.floor(MAX_COPIED / Math.max(1, weightBytes));
	const wanted =
		workers ?? Math.max(1, Math.min(cores, MAX_WORKERS, 1 + copies));
	return {
		workers: wanted,
		threads: threads ?? Math.max(1, Math.floor(cores / Math.max(1, wanted))),
	};
}

/** One thread reads requests and writes answers; more workers than these would wait for it. */
const MAX_WORKERS = 4;

/** Bytes of all copies of a model's weights after the first. */
const MAX_COPIED = 64 * 2 ** 20;
