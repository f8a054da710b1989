import { once } from "node:events";
import { lstatSync, rmSync } from "node:fs";
import { createServer, type ListenOptions, type Socket } from "node:net";
import {
	asMlshipError,
	type ErrorCode,
	fail,
	type MlshipError,
} from "../../errors.js";

/** A port or a path that takes connections. */
export interface Listener {
	/** The one that was taken; 0 for a path. */
	readonly port: number;
	/** Takes no more connections; those that are open stay. */
	stop(): void;
}

/** Listens and hands on what connects; fails with NOT_READY where the place is taken, with DENIED where it is not ours. */
export async function listen(
	place: Pick<ListenOptions, "host" | "port" | "path">,
	onConnection: (socket: Socket) => void,
): Promise<Listener> {
	const server = createServer({ noDelay: true }, onConnection);
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
		stop: () => {
			server.close();
		},
	};
}

/** What a process left behind that was killed; any other file stays, and the path is taken. */
function removeSocket(path: string): void {
	if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
}

function listenError(
	cause: unknown,
	{ host, port, path }: Pick<ListenOptions, "host" | "port" | "path">,
): MlshipError {
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
