import { once } from "node:events";
import { lstatSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { createServer, type ListenOptions, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import {
	asMlshipError,
	type ErrorCode,
	fail,
	type MlshipError,
} from "../../errors.js";
import type { Access } from "../access/access.js";
import { Connections } from "../access/connections.js";
import { secureContext, tlsOptions } from "../access/tls.js";

/** A port or a path that takes connections. */
export interface Listener {
	/** The one that was taken; 0 for a path. */
	readonly port: number;
	readonly connections: Connections;
	/** Takes no more connections; those that are open stay, unless nothing was said on them. */
	stop(): void;
}

export type Place = Pick<ListenOptions, "host" | "port" | "path">;

/**
 * Listens and hands on what connects, once TLS is agreed upon where there is TLS. Fails with NOT_READY where the place is
 * taken, with DENIED where it is not ours.
 */
export async function listen(
	place: Place,
	access: Pick<Access, "tls" | "limits">,
	onConnection: (socket: Socket) => void,
): Promise<Listener> {
	const server = serverFor(access, (socket) => {
		closeSilent(socket, access.limits.headerMs);
		onConnection(socket);
	});
	const connections = new Connections(server);
	if (place.path !== undefined) removeSocket(place.path);
	server.listen(place);
	try {
		await once(server, "listening");
	} catch (error) {
		throw listenError(error, place);
	}
	const address = server.address();
	return {
		port: typeof address === "object" && address !== null ? address.port : 0,
		connections,
		stop: () => {
			server.close();
			connections.closeSilent(PREFACE);
		},
	};
}

function serverFor(
	{ tls, limits }: Pick<Access, "tls" | "limits">,
	onConnection: (socket: Socket) => void,
): Server {
	if (tls === undefined) return createServer({ noDelay: true }, onConnection);
	const server = createTlsServer(
		{
			...tlsOptions(tls.value),
			noDelay: true,
			ALPNProtocols: ["h2"],
			...(limits.headerMs > 0 && { handshakeTimeout: limits.headerMs }),
		},
		(socket) => {
			socket.on("error", () => socket.destroy());
			onConnection(socket);
		},
	);
	tls.onChange((config) => server.setSecureContext(secureContext(config)));
	return server;
}

/** HTTP/2 begins with 24 bytes and the 9 of a frame's head (RFC 9113, 3.4); who does not send them wants nothing. */
function closeSilent(socket: Socket, limit: number): void {
	if (limit <= 0) return;
	const timer = setTimeout(() => {
		if (socket.bytesRead < PREFACE) socket.destroy();
	}, limit);
	timer.unref();
	socket.once("close", () => clearTimeout(timer));
}

const PREFACE = 24 + 9;

/** What a process left behind that was killed; any other file stays, and the path is taken. */
function removeSocket(path: string): void {
	if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
}

function listenError(cause: unknown, { host, port, path }: Place): MlshipError {
	const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""];
	if (reason === undefined) return asMlshipError(cause);
	const { code, text } = reason;
	return path === undefined
		? fail(code, `cannot listen on ${host}:${port}: ${text}`, {
				hint: "choose another port for gRPC with --port, or none: --port 0",
				cause,
			})
		: fail(code, `cannot listen on ${path}: ${text.replace("port", "path")}`, {
				cause,
			});
}

const REASONS: Readonly<
	Record<string, { readonly code: ErrorCode; readonly text: string }>
> = {
	EADDRINUSE: { code: "NOT_READY", text: "the port is in use" },
	EACCES: { code: "DENIED", text: "permission denied" },
	EADDRNOTAVAIL: {
		code: "NOT_READY",
		text: "this machine has no such address",
	},
	ENOTFOUND: { code: "INVALID", text: "no machine has that name" },
};
