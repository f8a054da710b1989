import type { IncomingMessage, ServerResponse } from "node:http";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { type Access, OPEN_ACCESS } from "../access/access.js";
import type { Trace } from "../observer.js";
import { admit } from "./admission.js";
import { type Answer, codeOf, jsonAnswer, pageAnswer } from "./answer.js";
import { readBody } from "./body.js";
import { errorBody } from "./errors.js";
import { refuseConnection, serverFor } from "./listener.js";
import { answerCall, begin, type RestService } from "./routes.js";
import { ID_HEADER, traceOf } from "./trace.js";

export interface AppOptions {
	readonly service: RestService;
	/** Who may come in; everybody without it. */
	readonly access?: Access;
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
	const { service, access = OPEN_ACCESS, maxBody } = options;
	const app = fastify({
		serverFactory: (handler) => serverFor(access, handler),
		return503OnClosing: false,
		clientErrorHandler: (error, socket) =>
			refuseConnection(error, socket, access.limits),
		rewriteUrl: toRoute,
	});
	const free = new WeakSet<IncomingMessage>();
	app.addHook("onRequest", (request, reply, next) => {
		const { raw, originalUrl } = request;
		const { refusal, isFree, leave } = admit(service, access, raw, originalUrl);
		if (refusal !== undefined) {
			reply.hijack();
			const trace = traceOf(raw, originalUrl, undefined);
			begin(service, trace);
			send(reply.raw, refusal, options, trace);
			return;
		}
		if (isFree) free.add(raw);
		if (leave) reply.raw.once("close", leave);
		if (mayGoOn(raw, maxBody)) reply.raw.writeContinue();
		next();
	});
	app.removeAllContentTypeParsers();
	app.addContentTypeParser(
		"*",
		async ({ raw, headers }: FastifyRequest, stream: IncomingMessage) =>
			free.has(raw)
				? undefined
				: ((await readBody(stream, headers, maxBody)) ?? TOO_LARGE),
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
		send(reply.raw, OTHER_METHOD, options);
	});
	app.server.on("checkContinue", (request, response) => {
		app.server.emit("request", request, response);
	});
	return app;
}

/** Whether a client asks before it sends, and may send: asked to send nothing, it hears at once that its body is too long. */
function mayGoOn({ headers }: IncomingMessage, maxBody: number): boolean {
	return (
		/100-continue/i.test(headers.expect ?? "") &&
		!(Number(headers["content-length"]) > maxBody)
	);
}

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
	send(response, answer, options, trace);
}

/** Hands an answer over, and tells who observes. */
function send(
	response: ServerResponse,
	answer: Answer,
	options: AppOptions,
	trace?: Trace,
): void {
	const { service, access = OPEN_ACCESS } = options;
	const id =
		service.compat === "strict"
			? undefined
			: trace && { [ID_HEADER]: trace.id };
	const bytesOut = write(response, answer, options, id);
	closeUntaken(response, access.limits.answerMs);
	if (trace?.api === undefined) return;
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

/** Whoever asks and does not listen keeps the answer in memory, and may not do so for ever. */
function closeUntaken(response: ServerResponse, limit: number): void {
	const { socket } = response;
	if (limit <= 0 || socket === null || socket.writableLength === 0) return;
	const timer = setTimeout(() => socket.destroy(), limit).unref();
	response.once("close", () => clearTimeout(timer));
}
