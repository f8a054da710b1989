import type { Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { quietTurns } from "../access/quiet.js";

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
	const sockets = new Map<string, Socket>();
	let accepted = 0;
	let sendsAway = false;
	const keep = (socket: Socket) => {
		const peer = `${socket.remoteAddress} ${socket.remotePort}`;
		sockets.set(peer, socket);
		socket.once("close", () => {
			if (sockets.get(peer) === socket) sockets.delete(peer);
		});
	};
	server.on("connection", (socket: Socket) => {
		accepted++;
		keep(socket);
	});
	// takes the place of the socket that it is built on, whose bytes are those of a handshake
	server.on("secureConnection", keep);
	return {
		get sendsAway() {
			return sendsAway || !server.listening;
		},
		run: async (delayMs) => {
			sendsAway = delayMs > SETTLE_MS;
			if (sendsAway) await pause(delayMs - SETTLE_MS);
			sendsAway = false;
			if (delayMs > 0) await pause(Math.min(delayMs, SETTLE_MS));
			await quietTurns(() => accepted);
			const idle = setInterval(() => closeIdle(server, sockets), IDLE_MS);
			const limit = setTimeout(() => server.closeAllConnections(), drainMs);
			await stopListening(server);
			clearInterval(idle);
			clearTimeout(limit);
		},
	};
}

/** Clients that were sent away are back by then. */
const SETTLE_MS = 250;

/** A request that was sent before its client could know takes at most this long to arrive. */
const IDLE_MS = 500;

/** Node takes a connection for idle only once it was used. */
function closeIdle(server: Server, sockets: ReadonlyMap<string, Socket>): void {
	server.closeIdleConnections();
	const isSecure = "setSecureContext" in server;
	for (const socket of sockets.values()) {
		const isShaking = isSecure && !(socket instanceof TLSSocket);
		if (isShaking || socket.bytesRead === 0) socket.destroy();
	}
}

/** Resolves when the last connection is closed. */
function stopListening(server: Server): Promise<void> {
	return new Promise((resolve) => {
		// http's own close() cuts idle connections at once, on which a request may be under way
		NetServer.prototype.close.call(server, () => resolve());
	});
}
