import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";

/** Ends a server without losing a request. */
export type Drain = () => Promise<void>;

/**
 * Makes the end of a server, before it listens. That takes the connections that wait to be accepted, accepts no more, lets
 * those that are open finish what they ask or are about to ask, and closes what stays idle. The caller answers with
 * `Connection: close` meanwhile.
 */
export function drainOf(server: Server): Drain {
	const sockets = new Set<Socket>();
	let accepted = 0;
	server.on("connection", (socket) => {
		accepted++;
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	return async () => {
		await quietTurns(() => accepted);
		const idle = setInterval(() => closeIdle(server, sockets), IDLE_MS);
		const limit = setTimeout(() => server.closeAllConnections(), LIMIT_MS);
		await stopListening(server);
		clearInterval(idle);
		clearTimeout(limit);
	};
}

/** libuv accepts one of the connections that wait a turn; resolves after two without any, or when it is enough. */
async function quietTurns(accepted: () => number): Promise<void> {
	const end = performance.now() + ACCEPT_MS;
	for (let before = -1; before !== accepted() && performance.now() < end; ) {
		before = accepted();
		await setImmediate();
		await setImmediate();
	}
}

/** New clients may come without end. */
const ACCEPT_MS = 1_000;

/** A request that was sent before its client could know takes at most this long to arrive. */
const IDLE_MS = 500;

/** What Kubernetes and Docker wait for before they kill (30 s and 10 s), less than the longer of the two. */
const LIMIT_MS = 25_000;

/** Node takes a connection for idle only once it was used. */
function closeIdle(server: Server, sockets: ReadonlySet<Socket>): void {
	server.closeIdleConnections();
	for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}

/** Resolves when the last connection is closed. */
function stopListening(server: Server): Promise<void> {
	return new Promise((resolve) => {
		// http's own close() cuts idle connections at once, on which a request may be under way
		NetServer.prototype.close.call(server, () => resolve());
	});
}
