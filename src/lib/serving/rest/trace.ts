import type { IncomingMessage } from "node:http";
import type { Trace } from "../observer.js";
import { requestId } from "../request-id.js";

/** The header that request ids come in and go out by. */
export const ID_HEADER = "x-request-id";

/** A request that was read, of which nothing else is known yet. */
export function traceOf(
	{ headers, method = "", socket }: IncomingMessage,
	url: string,
	body: unknown,
): Trace {
	const query = url.indexOf("?");
	return {
		id: requestId(headers[ID_HEADER]),
		protocol: "rest",
		since: performance.now(),
		bytesIn: body instanceof Uint8Array ? body.length : 0,
		remote: socket.remoteAddress,
		method,
		path: query < 0 ? url : url.slice(0, query),
		api: undefined,
		model: undefined,
		version: undefined,
		examples: undefined,
		runMs: undefined,
	};
}
