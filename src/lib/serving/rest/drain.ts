import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { arrivals, Connections } from "../access/connections.js";

/** The end of a server, which loses no request. */
export interface Drain {
	/** Whether answers are to tell clients to come back on another connection. */
	readonly sendsAway: boolean;
	/** For `delayMs` it takes requests as before; what is under way then may take `drainMs`. */
	run(delayMs: number): Promise<void>;
}

/**
 * Makes the end of a server, before it listens. After the delay that takes the connections that wait to be accepted, accepts
 * no more, lets those that are open finish what they ask or are about to ask, and closes what stays idle.
 *
 * During the delay clients are sent away, as they may find another server; but not shortly before the port is closed, as one
 * that comes back in that moment would be lost.
 */
export function drainOf(server: Server, drainMs: number): Drain {
	const connections = new Connections(server);
	let sendsAway = false;
	return {
		get sendsAway() {
			return sendsAway || !server.listening;
		},
		run: async (delayMs) => {
			sendsAway = delayMs > SETTLE_MS;
			if (sendsAway) await pause(delayMs - SETTLE_MS);
			sendsAway = false;
			if (delayMs > 0) await pause(Math.min(delayMs, SETTLE_MS));
			await connections.quiet(drainMs);
			const idle = setInterval(async () => {
				await arrivals();
				server.closeIdleConnections();
			}, IDLE_MS);
			// Node takes a connection for idle only once it was used
			connections.closeSilent(1);
			const limit = setTimeout(() => connections.closeAll(), drainMs);
			await Promise.race([stopListening(server), connections.gone()]);
			clearInterval(idle);
			clearTimeout(limit);
		},
	};
}

/** Clients that were sent away are back by then. */
const SETTLE_MS = 250;

/** A request that was sent before its client could know takes at most this long to arrive. */
const IDLE_MS = 1_000;

/** Resolves when the last connection is closed. */
function stopListening(server: Server): Promise<void> {
	return new Promise((resolve) => {
		// http's own close() cuts idle connections at once, on which a request may be under way
		NetServer.prototype.close.call(server, () => resolve());
	});
}
