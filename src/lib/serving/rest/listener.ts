import {
	createServer,
	type RequestListener,
	type Server,
	type ServerOptions,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Access } from "../access/access.js";
import { secureContext, tlsOptions } from "../access/tls.js";
import { errorBody } from "./errors.js";

/** Node's server for HTTP, or for HTTPS, which waits so long and no longer. */
export function serverFor(
	{ tls, limits }: Access,
	handler: RequestListener,
): Server {
	const { headerBytes, headerCount, headerMs, bodyMs } = limits;
	const options: ServerOptions = {
		maxHeaderSize: headerBytes,
		headersTimeout: bodyMs > 0 ? Math.min(headerMs, bodyMs) : headerMs,
		requestTimeout: bodyMs,
		connectionsCheckingInterval: CHECK_MS,
		keepAliveTimeout: KEEP_ALIVE_MS,
	};
	const server =
		tls === undefined
			? createServer(options, handler)
			: createTlsServer(
					{
						...options,
						...tlsOptions(tls.value),
						...(headerMs > 0 && { handshakeTimeout: headerMs }),
					},
					handler,
				);
	if ("setSecureContext" in server)
		tls?.onChange((config) => server.setSecureContext(secureContext(config)));
	// of more Node drops those behind without a word, so that one more is how they show
	server.maxHeadersCount = headerCount + 1;
	return server;
}

/** How exactly times are kept. */
const CHECK_MS = 1_000;

/** Longer than what load balancers keep idle connections for, so that they close first and lose no request. */
const KEEP_ALIVE_MS = 72_000;

/** Answers what is no request, or none within its time, and closes the connection. */
export function refuseConnection(
	{ code = "" }: { readonly code?: string },
	socket: Duplex,
	{ headerBytes }: Access["limits"],
): void {
	// of TLS that is not agreed upon, nothing can be said
	if (!socket.writable || !/^(HPE_|ERR_HTTP_)/.test(code)) {
		socket.destroy();
		return;
	}
	const { status, text } = REASONS[code] ?? NO_HTTP;
	const body = errorBody(text.replace("%", String(headerBytes)));
	const head = [
		`HTTP/1.1 ${status}`,
		"Content-Type: application/json",
		`Content-Length: ${Buffer.byteLength(body)}`,
		"Connection: close",
	];
	socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
	// nobody has to listen
	setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const LINGER_MS = 1_000;

const NO_HTTP = {
	status: "400 Bad Request",
	text: "cannot read the request: it is not HTTP/1.1",
};

const REASONS: Readonly<Record<string, typeof NO_HTTP>> = {
	HPE_HEADER_OVERFLOW: {
		status: "431 Request Header Fields Too Large",
		text: "cannot read the request: its head is larger than % bytes (--max-header-size)",
	},
	ERR_HTTP_REQUEST_TIMEOUT: {
		status: "408 Request Timeout",
		text: "cannot read the request: it did not come in time (--header-timeout, --body-timeout)",
	},
};
