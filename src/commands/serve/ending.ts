import { setTimeout as pause } from "node:timers/promises";
import type { GrpcServer } from "../../lib/serving/grpc/server.js";
import type { Host } from "../../lib/serving/host.js";
import type { RestServer } from "../../lib/serving/rest/server.js";

export interface Ending {
	readonly host: Host;
	readonly rest: RestServer | undefined;
	readonly grpc: GrpcServer | undefined;
	/** Requests are taken for so long, and then have so long to finish. */
	readonly delayMs: number;
	readonly drainMs: number;
}

/** Ends what serves; a run that nobody waits for any more ends with the process, if a second more is too little for it. */
export async function endServing(ending: Ending): Promise<void> {
	const { host, rest, grpc, delayMs, drainMs } = ending;
	const end = performance.now() + delayMs + drainMs;
	await Promise.all([rest?.close(delayMs), grpc?.close(delayMs)]);
	const limit = Math.max(1000, end - performance.now());
	const timeout = new AbortController();
	await Promise.race([
		host.close(),
		pause(limit, undefined, { signal: timeout.signal }).catch(() => undefined),
	]).finally(() => timeout.abort());
}
