import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { type Answer, codeOf, jsonAnswer, pageAnswer } from "./answer.js";
import { readBody } from "./body.js";
import { errorBody } from "./errors.js";
import { answerCall, begin, type RestService } from "./routes.js";
import { ID_HEADER, traceOf } from "./trace.js";

export interface AppOptions {
	readonly service: RestService;
	/** Bytes of a body, as sent and unzipped. */
	readonly maxBody: number;
	/** Once true, answers tell clients to come back on another connection. */
	isStopping(): boolean;
}

/**
 * HTTP around the routes: bodies in, whole answers out. Fastify does not route here, because TensorFlow Serving's paths are
 * a grammar of their own, matched before anything is percent-decoded; neither does it look at types, nor write answers.
 */
export function buildApp(options: AppOptions): FastifyInstance {
	const { maxBody } = options;
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
			await respond(request, reply.raw, options);
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

async function respond(
	{ raw, method, originalUrl: url, headers, body }: FastifyRequest,
	response: ServerResponse,
	options: AppOptions,
): Promise<void> {
	const { service, maxBody } = options;
	const trace = traceOf(raw, url, body);
	if (body === TOO_LARGE) begin(service, trace);
	const answer =
		body === TOO_LARGE
			? tooLarge(maxBody)
			: await answerCall(service, {
					...{ method, url, trace },
					origin: headers.origin,
					header: (name) => headers[name]?.toString(),
					body: body as Uint8Array | undefined,
				});
	const id =
		service.compat === "strict" ? undefined : { [ID_HEADER]: trace.id };
	const bytesOut = write(response, answer, options, id);
	if (trace.api === undefined) return;
	const { status } = answer;
	service.observer?.ended(trace, { code: codeOf(answer), status, bytesOut });
}

const TOO_LARGE = Symbol("a body beyond the limit");

function tooLarge(maxBody: number): Answer {
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
