import { fail } from "../../errors.js";
import { metadata, status } from "../calls.js";
import type { Host, VersionChoice } from "../host.js";
import { type Answer, jsonAnswer, pageAnswer, textAnswer } from "./answer.js";
import { answerPredict } from "./codec.js";
import { errorAnswer, errorBody } from "./errors.js";
import { metadataText } from "./metadata.js";
import { parseTarget, type Target, type Verb } from "./path.js";
import { modelsText, statusText } from "./status.js";

/** What the routes need of the server around them. */
export interface RestService {
	readonly host: Host;
	/** `--rest_api_enable_cors_support`: pages of other origins may call. */
	readonly cors: boolean;
	/** Why no traffic should come now; undefined if it should. */
	whyNotReady(): string | undefined;
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
}

/** Answers a request; never fails. */
export async function answerCall(
	service: RestService,
	call: Call,
): Promise<Answer> {
	const path = pathOf(call.url);
	if (!V1.test(path)) return answerOther(service, path);
	const answer = await answerV1(service, call, path);
	return service.cors
		? { ...answer, headers: { ...answer.headers, ...CORS_HEADERS } }
		: answer;
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
};

function answerOther(service: RestService, path: string): Answer {
	return Object.hasOwn(PROBES, path)
		? PROBES[path](service)
		: pageAnswer(404, "Not Found", "Not Found");
}

async function answerV1(
	service: RestService,
	call: Call,
	path: string,
): Promise<Answer> {
	if (call.method === "OPTIONS") return answerPreflight(call);
	try {
		const target = parseTarget(call.method, path);
		// the kinds of a target are the keys of the table
		const answer = TARGETS[target.kind] as AnswerTarget<Target>;
		return await answer(target, service, call);
	} catch (error) {
		return errorAnswer(error);
	}
}

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
	call: ({ verb, model, choice }, { host }, call) =>
		VERBS[verb](
			host,
			model,
			choice,
			call.body ?? NO_BYTES,
			keyOf(host, model, call),
		),
	status: answerStatus,
	metadata: ({ model, choice }, { host }) => {
		const { version, definitions } = metadata(host, { model, choice });
		return jsonAnswer(metadataText(model, version, definitions));
	},
	models: (_, { host }) => jsonAnswer(modelsText(host)),
	noModel: () => badRequest("Missing model name in request."),
	versionOverflow: ({ digits }) =>
		badRequest(`Failed to convert version: ${digits} to numeric.`),
	malformed: (_, __, { method, url }) =>
		badRequest(`Malformed request: ${method} ${url}`),
};

const NO_BYTES = new Uint8Array(0);

type AnswerVerb = (
	host: Host,
	model: string,
	choice: VersionChoice | undefined,
	body: Uint8Array,
	key: string | undefined,
) => Promise<Answer>;

/** What a model's split goes by. */
function keyOf(
	host: Host,
	model: string,
	{ header }: Call,
): string | undefined {
	return header && host.routingKey(model, header);
}

const VERBS: Readonly<Record<Verb, AnswerVerb>> = {
	predict: answerPredict,
	classify: notBuilt("classify"),
	regress: notBuilt("regress"),
};

function notBuilt(verb: Verb): AnswerVerb {
	return async (host, model, choice) => {
		host.find(model, choice);
		throw fail(
			"UNSUPPORTED",
			`cannot ${verb}: mlship does not read tf.Example features yet; signatures that take tensors answer on /v1/models/${encodeURIComponent(model)}:predict`,
		);
	};
}

function answerStatus(
	{ model, choice }: Extract<Target, { kind: "status" | "metadata" }>,
	{ host }: RestService,
): Answer {
	return jsonAnswer(statusText(status(host, { model, choice })));
}

function badRequest(message: string): Answer {
	return jsonAnswer(errorBody(message), 400);
}
