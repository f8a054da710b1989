import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import type { RequestObserver, Trace } from "../observer.js";
import { type Answer, codeOf, jsonAnswer, pageAnswer } from "./answer.js";
import { readBody } from "./body.js";
import { errorBody } from "./errors.js";
import { answerCall, type RestService } from "./routes.js";
import { ID_HEADER, traceOf } from "./trace.js";

export interface AppOptions {
	readonly service: RestService;
	/** Bytes of a body, as sent and unzipped. */
	readonly maxBody: number;
	/** Once true, answers tell clients to come back on another connection. */
	isStopping(): boolean;
	readonly observer?: RequestObserver | undefined;
}

/**
 * HTTP around the routes: bodies in, whole answers out. Fastify does not route here, because TensorFlow Serving's paths are
 * a grammar of their own, matched before anything is percent-decoded; neither does it look at types, nor write answers.
 */
export function buildApp(options: AppOptions): FastifyInstance {
	const { maxBody, observer } = options;
	const isStrict = options.service.compat === "strict";
	const app = fastify({
		keepAliveTimeout: KEEP_ALIVE_MS,
		requestTimeout: REQUEST_MS,
		return503OnClosing: false,
		clientErrorHandler: (_, socket) => refuse(socket),
		rewriteUrl: toRoute,
	});
	app.removeAllContentTypeParsers();
	app.addContentTypeParser(
		"*",
		async ({ headers }: FastifyRequest, stream: IncomingMessage) =>
			(await readBody(stream, headers, maxBody)) ?? TOO_LARGE,
	);
	app.route({
		method: ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"],
		url: ROUTE,
		handler: async (request, reply) => {
			reply.hijack();
			const { originalUrl: url, body } = request;
			const trace = traceOf(request.raw, url, body);
			observer?.began?.(trace);
			const answer =
				body === TOO_LARGE
					? tooLarge(maxBody, trace)
					: await answerCall(options.service, {
							method: request.method,
							url,
							origin: request.headers.origin,
							header: (name) => request.headers[name]?.toString(),
							body: body as Uint8Array | undefined,
							trace,
						});
			const headers = isStrict ? undefined : { [ID_HEADER]: trace.id };
			const bytesOut = write(reply.raw, answer, options, headers);
			const { status } = answer;
			observer?.ended(trace, { code: codeOf(answer), status, bytesOut });
		},
	});
	app.setNotFoundHandler((_, reply) => {
		reply.hijack();
		write(reply.raw, OTHER_METHOD, options);
	});
	app.server.on("checkContinue", (request, response) => {
		// asked to send nothing, a client hears at once that its body is too long
		if (!(Number(request.headers["content-length"]) > maxBody))
			response.writeContinue();
		app.server.emit("request", request, response);
	});
	return app;
}

/** Longer than what load balancers keep idle connections for, so that they close first and lose no request. */
const KEEP_ALIVE_MS = 72_000;

/** A client that sends slowly may hold a connection for this long (Node's own default). */
const REQUEST_MS = 300_000;

const ROUTE = "/";

/** Types of bodies do not count in TensorFlow Serving, however they are written. */
function toRoute({ headers }: { headers: IncomingMessage["headers"] }): string {
	headers["content-type"] = "application/octet-stream";
	return ROUTE;
}

const TOO_LARGE = Symbol("a body beyond the limit");

function tooLarge(maxBody: number, trace: Trace): Answer {
	trace.api = "other";
	const message = `cannot read the body: it is larger than ${maxBody} bytes, the limit of --max-body`;
	return { ...jsonAnswer(errorBody(message), 413), headers: CLOSE };
}

const CLOSE = { Connection: "close" };

const OTHER_METHOD = pageAnswer(501, "Not Implemented", "Not Implemented");

/** Gives the bytes of the body. */
function write(
	response: ServerResponse,
	{ status, type, body, headers }: Answer,
	{ isStopping }: AppOptions,
	more?: Readonly<Record<string, string>>,
): number {
	const length = Buffer.byteLength(body);
	response.writeHead(status, {
		"Content-Type": type,
		"Content-Length": length,
		...headers,
		...more,
		...(isStopping() ? CLOSE : undefined),
	});
	response.end(body);
	return length;
}

/** The answer to what is no HTTP. */
function refuse(socket: Duplex): void {
	const body = errorBody("cannot read the request: it is not HTTP/1.1");
	if (socket.writable)
		socket.end(
			`HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
		);
	else socket.destroy();
}
