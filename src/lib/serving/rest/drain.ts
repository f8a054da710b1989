import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setImmediate } from "node:timers/promises";

/**
 * Ends a server without losing a request: takes the connections that wait to be accepted, accepts no more, lets those that
 * are open finish what they ask or are about to ask, and closes what stays idle. The caller answers with
 * `Connection: close` meanwhile.
 */
export async function drain(server: Server): Promise<void> {
	// libuv accepts all that wait once a turn
	await setImmediate();
	await setImmediate();
	const idle = setInterval(() => server.closeIdleConnections(), IDLE_MS);
	const limit = setTimeout(() => server.closeAllConnections(), LIMIT_MS);
	await stopListening(server);
	clearInterval(idle);
	clearTimeout(limit);
}

/** A request that was sent before its client could know takes at most this long to arrive. */
const IDLE_MS = 500;

/** What Kubernetes and Docker wait for before they kill (30 s and 10 s), less than the longer of the two. */
const LIMIT_MS = 25_000;

/** Resolves when the last connection is closed. */
function stopListening(server: Server): Promise<void> {
	return new Promise((resolve) => {
		// http's own close() cuts idle connections at once, on which a request may be under way
		NetServer.prototype.close.call(server, () => resolve());
	});
}
