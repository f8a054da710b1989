import type { Refusal, Session, SessionPort } from "../engine.js";
import { type Remake, type Runtime, startRunner } from "./runner.js";

/** What a session is opened with, and what callers see of it. */
export interface Opening<Source> {
	readonly source: Source;
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
}

/**
 * A session on threads, or on the caller's own without workers; `prepare` works while threads load their runtime. What
 * `remake` holds on to stays in memory as long as the session.
 */
export async function openSession<Source, Sent, Other extends Refusal = never>(
	workers: number,
	runtime: Runtime<Source, Sent>,
	prepare: () => Opening<Source> | Other,
	remake?: Remake<Source>,
): Promise<Session | Other> {
	const runner = await startRunner(workers, runtime);
	try {
		const prepared = prepare();
		if ("obstacles" in prepared) {
			await runner.close();
			return prepared;
		}
		const { source, inputs, outputs } = prepared;
		await runner.open(source, remake);
		return {
			inputs,
			outputs,
			run: (tensors, kept) => runner.run(tensors, kept),
			close: () => runner.close(),
		};
	} catch (error) {
		await runner.close();
		throw error;
	}
}
