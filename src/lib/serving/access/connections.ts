import type { Server, Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { TLSSocket } from "node:tls";

/** Where a connection comes from; those of a Unix socket come from nowhere. */
export interface Peer {
	readonly remoteAddress?: string | undefined;
	readonly remotePort?: number | undefined;
}

interface Connection {
	readonly socket: Socket;
	/** As `performance.now()` had it when it was there, or had agreed upon TLS. */
	readonly since: number;
}

/** The connections of a server, made before it listens: of TLS where its server is one for TLS. */
export class Connections {
	readonly #open = new Map<string | Socket, Connection>();
	readonly #isSecure: boolean;
	#accepted = 0;
	#onGone: (() => void) | undefined;

	constructor(server: Server) {
		this.#isSecure = "setSecureContext" in server;
		server.on("connection", (socket: Socket) => {
			this.#accepted++;
			this.#keep(socket);
		});
		// takes the place of the socket that it is built on, whose bytes are those of a handshake
		server.on("secureConnection", (socket: Socket) => this.#keep(socket));
	}

	/**
	 * To be awaited before a port is closed: libuv accepts one of the connections that wait a turn, and those that are left are
	 * reset. Resolves after two turns without any, or when it is enough: new clients may come without end.
	 */
	async quiet(limitMs: number): Promise<void> {
		const end = performance.now() + Math.min(ACCEPT_MS, limitMs / 2);
		for (
			let before = -1;
			before !== this.#accepted && performance.now() < end;
		) {
			before = this.#accepted;
			await arrivals();
		}
	}

	/** Closes, for as long as there are any, those that say nothing: less than so many bytes, or no word of TLS, for a while. */
	closeSilent(bytes: number): void {
		const timer = setInterval(async () => {
			await arrivals();
			const now = performance.now();
			for (const { socket, since } of this.#open.values()) {
				const isShaking = this.#isSecure && !(socket instanceof TLSSocket);
				const isSilent = isShaking || socket.bytesRead < bytes;
				if (isSilent && now - since > (isShaking ? SHAKING_MS : SILENT_MS))
					socket.destroy();
			}
			if (this.#open.size === 0) clearInterval(timer);
		}, SILENT_MS / 2);
		timer.unref();
	}

	/** Resolves when none is open, which servers for TLS and for HTTP/2 do not always notice themselves. */
	async gone(): Promise<void> {
		if (this.#open.size === 0) return;
		await new Promise<void>((resolve) => {
			this.#onGone = resolve;
		});
	}

	closeAll(): void {
		for (const { socket } of this.#open.values()) socket.destroy();
	}

	close(peer: Peer): void {
		const key = keyOf(peer);
		if (key !== undefined) this.#open.get(key)?.socket.destroy();
	}

	#keep(socket: Socket): void {
		const key = keyOf(socket) ?? socket;
		// it would stay beside the one for TLS that is built on it
		if (key === socket && this.#isSecure && !(socket instanceof TLSSocket))
			return;
		this.#open.set(key, { socket, since: performance.now() });
		socket.once("close", () => {
			if (this.#open.get(key)?.socket === socket) this.#open.delete(key);
			if (this.#open.size === 0) this.#onGone?.();
		});
	}
}

/**
 * Resolves when what is there already was read: after a time without a turn timers come first, and who spoke in it would
 * be taken for silent.
 */
export async function arrivals(): Promise<void> {
	await setImmediate();
	await setImmediate();
}

function keyOf({ remoteAddress, remotePort }: Peer): string | undefined {
	return remotePort === undefined
		? undefined
		: `${remoteAddress} ${remotePort}`;
}

/** What was sent before its client could know takes at most this long to arrive. */
const SILENT_MS = 1_000;

/** A handshake goes to and fro, on machines that are busy. */
const SHAKING_MS = 5_000;

/** libuv sleeps for a moment after each that it accepts, which on a machine with too much to do becomes a tenth of a second. */
const ACCEPT_MS = 10_000;
