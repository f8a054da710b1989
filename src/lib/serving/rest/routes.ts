import type { TensorBounds } from "../../tensor/bounds.js";
import type { Compat } from "../../tensor/json/source.js";
import { withDeadline } from "../access/deadline.js";
import type { Scope } from "../access/tokens.js";
import { metadata, status } from "../calls.js";
import type { Host } from "../host.js";
import type { Api, RequestObserver, Trace } from "../observer.js";
import { type Answer, jsonAnswer, pageAnswer, textAnswer } from "./answer.js";
import {
	answerClassify,
	answerPredict,
	answerRegress,
	type BodyCall,
} from "./codec.js";
import { errorAnswer, errorBody } from "./errors.js";
import { metadataText } from "./metadata.js";
import { answerPage, isPage, type MetricsPage } from "./metrics.js";
import { parseTarget, type Target, type Verb } from "./path.js";
import { modelsText, statusText } from "./status.js";

/** What the routes need of the server around them. */
export interface RestService {
	readonly host: Host;
	/** `--rest_api_enable_cors_support`: pages of other origins may call. */
	readonly cors: boolean;
	/** Whether requests must bring tokens, which pages of other origins may then do. */
	readonly needsTokens?: boolean;
	/** `--compat`: whether upstream's oddities are kept. */
	readonly compat: Compat;
	/** `--rest_api_timeout_in_ms`: after these nobody waits for an answer; 0 or less for ever. */
	readonly timeoutMs: number;
	/** Of each tensor of a request; any size where it is left out. */
	readonly bounds?: TensorBounds | undefined;
	/** Why no traffic should come now; undefined if it should. */
	whyNotReady(): string | undefined;
	/** Whether each model was tried once. */
	isStarted(): boolean;
	readonly metrics?: MetricsPage | undefined;
	readonly observer?: RequestObserver | undefined;
}

/** An HTTP request, whole. */
export interface Call {
	readonly method: string;
	/** As it stands in the request line. */
	readonly url: string;
	readonly origin?: string | undefined;
	/** A header's value, by its name in lower case. */
	header?(name: string): string | undefined;
	readonly body?: Uint8Array | undefined;
	/** Hears what is asked for, and which model is to answer. */
	readonly trace?: Trace | undefined;
}

/** Answers a request; never fails. */
export async function answerCall(
	service: RestService,
	call: Call,
): Promise<Answer> {
	const path = pathFor(service, call.url);
	if (!V1.test(path)) return answerOther(service, path, call.trace);
	begin(service, call.trace);
	return withCors(service, await answerV1(service, call, path));
}

/** What a token must be good for to ask this; undefined where nobody needs one, as browsers' preflights bring none. */
export function scopeOf(
	service: RestService,
	{ method, url }: Pick<Call, "method" | "url">,
): Scope | undefined {
	const path = pathFor(service, url);
	if (V1.test(path)) return method === "OPTIONS" ? undefined : "predict";
	const isProbe = Object.hasOwn(PROBES, path) && !isPage(service.metrics, path);
	return isProbe ? undefined : "metrics";
}

/** An answer below /v1/, as pages of other origins may see it. */
export function withCors(service: RestService, answer: Answer): Answer {
	if (!service.cors) return answer;
	const more = service.needsTokens ? CORS_AND_TOKENS : CORS_HEADERS;
	return { ...answer, headers: { ...answer.headers, ...more } };
}

function pathFor({ compat }: RestService, url: string): string {
	return compat === "strict" ? url : pathOf(url);
}

/** TensorFlow Serving takes the query for a part of the path, so that `?x=1` breaks every route; here it is left out. */
function pathOf(url: string): string {
	const path = url.startsWith("/") ? url : url.replace(ORIGIN, "");
	const end = path.search(/[?#]/);
	return end < 0 ? path : path.slice(0, end);
}

/** Proxies are sent whole addresses (RFC 9112, 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

const V1 = /^\/v1\//i;

/** TensorFlow Serving's, word for word (http_rest_api_util.cc, AddCORSHeaders). */
const CORS_HEADERS = {
	"Access-Control-Allow-Origin": "*",
	"Access-Control-Allow-Methods": "POST, GET",
	"Access-Control-Allow-Headers": "Content-Type",
};

const CORS_AND_TOKENS = {
	...CORS_HEADERS,
	"Access-Control-Allow-Headers": "Content-Type, Authorization",
};

type Probe = (service: RestService) => Answer;

const alive: Probe = () => textAnswer("ok\n");

const PROBES: Readonly<Record<string, Probe>> = {
	"/livez": alive,
	"/healthz": alive,
	"/readyz": (service) => {
		const reason = service.whyNotReady();
		return reason === undefined
			? textAnswer("ok\n")
			: textAnswer(`not ready: ${reason}\n`, 503);
	},
	"/startupz": (service) =>
		service.isStarted()
			? textAnswer("ok\n")
			: textAnswer("not started: models are being loaded\n", 503),
};

async function answerOther(
	service: RestService,
	path: string,
	trace: Trace | undefined,
): Promise<Answer> {
	const page = await answerPage(service.metrics, path, service.compat);
	if (page !== undefined) return page;
	if (Object.hasOwn(PROBES, path)) return PROBES[path](service);
	begin(service, trace);
	return pageAnswer(404, "Not Found", "Not Found");
}

async function answerV1(
	service: RestService,
	call: Call,
	path: string,
): Promise<Answer> {
	const { method, trace } = call;
	if (method === "OPTIONS") return answerPreflight(call);
	try {
		const target = parseTarget(method, path);
		if (trace !== undefined) note(trace, target);
		// the kinds of a target are the keys of the table
		const answer = TARGETS[target.kind] as AnswerTarget<Target>;
		return await answer(target, service, call);
	} catch (error) {
		return errorAnswer(error, service.compat);
	}
}

/** What is counted, unlike questions for the server's own state. */
export function begin(
	{ observer }: Pick<RestService, "observer">,
	trace: Trace | undefined,
): void {
	if (trace === undefined) return;
	trace.api = "other";
	observer?.began?.(trace);
}

function note(trace: Trace, target: Target): void {
	trace.api =
		target.kind === "call" ? target.verb : (APIS[target.kind] ?? "other");
	if ("model" in target) trace.model = target.model;
}

const APIS: { readonly [K in Target["kind"]]?: Api } = {
	status: "status",
	metadata: "metadata",
	models: "models",
};

/** Answered with or without CORS, an empty body either way (http_rest_api_handler.cc). */
function answerPreflight({ origin = "" }: Call): Answer {
	return jsonAnswer("", /https?:\/\//.test(origin) ? 200 : 400);
}

type AnswerTarget<T> = (
	target: T,
	service: RestService,
	call: Call,
) => Answer | Promise<Answer>;

const TARGETS: {
	readonly [K in Target["kind"]]: AnswerTarget<Extract<Target, { kind: K }>>;
} = {
	call: ({ verb, model, choice }, service, call) =>
		withDeadline(service.timeoutMs, (signal) => {
			const { body = NO_BYTES, trace } = call;
			const { host, compat, bounds } = service;
			const key = keyOf(host, model, call);
			const given = { model, choice, key, body, signal, trace };
			return VERBS[verb]({ host, compat, bounds, ...given });
		}),
	status: answerStatus,
	metadata: ({ model, choice }, { host }) => {
		const { version, definitions } = metadata(host, { model, choice });
		return jsonAnswer(metadataText(model, version, definitions));
	},
	models: (_, { host, compat }) =>
		compat === "strict" ? noModel() : jsonAnswer(modelsText(host)),
	noModel,
	versionOverflow: ({ digits }, { compat }) =>
		compat === "strict"
			? jsonAnswer("", 400)
			: badRequest(`Failed to convert version: ${digits} to numeric.`),
	malformed: (_, { compat }, { method, url }) =>
		badRequest(
			`Malformed request: ${method} ${url}${compat === "strict" ? "" : REQUESTS}`,
		),
};

const REQUESTS =
	"; there are POST /v1/models/NAME:predict, :classify and :regress, GET /v1/models/NAME and /v1/models/NAME/metadata; /versions/NUMBER or /labels/LABEL may follow NAME";

const NO_BYTES = new Uint8Array(0);

/** What a model's split goes by. */
function keyOf(
	host: Host,
	model: string,
	{ header }: Call,
): string | undefined {
	return header && host.routingKey(model, header);
}

const VERBS: Readonly<Record<Verb, (call: BodyCall) => Promise<Answer>>> = {
	predict: answerPredict,
	classify: answerClassify,
	regress: answerRegress,
};

function answerStatus(
	{ model, choice }: Extract<Target, { kind: "status" | "metadata" }>,
	{ host, compat }: RestService,
): Answer {
	// upstream takes a label in the path, and does not look at it
	const isIgnored = compat === "strict" && choice && "label" in choice;
	const spec = isIgnored ? { model } : { model, choice };
	return jsonAnswer(statusText(status(host, spec)));
}

function noModel(): Answer {
	return badRequest("Missing model name in request.");
}

function badRequest(message: string): Answer {
	return jsonAnswer(errorBody(message), 400);
}
