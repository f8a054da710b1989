import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
	SignatureDefSchema,
} from "../../gen/saved_model_pb.js";
import type { Tensors } from "../engines/engine.js";
import {
	asMlshipError,
	type ErrorCode,
	fail,
	type MlshipError,
} from "../errors.js";
import type { Signature } from "../savedmodel/signature.js";
import { encodePredictRequest } from "../tensor/json/encode.js";
import { decodePredictResponse } from "../tensor/json/response.js";

/** A model behind TensorFlow Serving's REST API, ours or upstream's: `http://host:8501/v1/models/digits/versions/2`. */
export interface RestModel {
	/** Without a verb. */
	readonly url: string;
	/** Ends what is under way. */
	readonly signal?: AbortSignal;
}

export function isUrl(text: string): boolean {
	return /^https?:\/\//i.test(text);
}

/** Takes the address of a model, also with `:predict` behind it. Fails with INVALID for one that names no model. */
export function parseModelUrl(text: string): string {
	if (!URL.canParse(text))
		throw fail("INVALID", `cannot ask ${text}: it is no URL`);
	const url = text.replace(/(:predict|\/metadata|\/)$/, "");
	if (!MODEL_PATH.test(new URL(url).pathname))
		throw fail(
			"INVALID",
			`cannot ask ${text}: http://HOST:PORT/v1/models/NAME is wanted, with /versions/N or /labels/LABEL behind it if need be`,
		);
	return url;
}

const MODEL_PATH =
	/\/v1\/models\/[^/:]+(?:\/versions\/\d+|\/labels\/[^/:]+)?$/i;

/** Posts a predict body and returns the body of the answer. Fails with what the server says, or NOT_READY where there is none. */
export function postPredict(
	model: RestModel,
	body: Uint8Array,
): Promise<Uint8Array> {
	return ask(model, ":predict", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: new Uint8Array(body),
	});
}

/** The signatures of a model, without its graph, as the server's metadata tells them. */
export async function fetchSignatures(model: RestModel): Promise<MetaGraphDef> {
	const answer = await ask(model, "/metadata", { method: "GET" });
	try {
		const { metadata } = JSON.parse(Buffer.from(answer).toString()) as Metadata;
		const definitions = Object.entries(metadata.signature_def.signature_def);
		return create(MetaGraphDefSchema, {
			signatureDef: Object.fromEntries(
				definitions.map(([key, definition]) => [
					key,
					fromJson(SignatureDefSchema, definition, {
						ignoreUnknownFields: true,
					}),
				]),
			),
		});
	} catch (cause) {
		throw fail(
			"UNSUPPORTED",
			`cannot read the metadata at ${model.url}/metadata: it is not TensorFlow Serving's`,
			{ cause },
		);
	}
}

/** GetModelMetadataResponse as JSON. */
interface Metadata {
	readonly metadata: {
		readonly signature_def: {
			readonly signature_def: Readonly<Record<string, JsonValue>>;
		};
	};
}

/** Runs a signature on a server, all tensors in one request. */
export async function predictOnServer(
	model: RestModel,
	signature: Signature,
	inputs: Tensors,
): Promise<Tensors> {
	const body = encodePredictRequest(signature.key, inputs);
	return decodePredictResponse(await postPredict(model, body), {
		key: signature.key,
		outputs: signature.outputs,
	});
}

async function ask(
	{ url, signal }: RestModel,
	suffix: string,
	request: RequestInit,
): Promise<Uint8Array> {
	const address = `${url}${suffix}`;
	try {
		const response = await fetch(address, {
			...request,
			...(signal && { signal }),
		});
		const body = new Uint8Array(await response.arrayBuffer());
		if (!response.ok) throw refusal(address, response.status, body);
		return body;
	} catch (error) {
		if (signal?.aborted)
			throw fail("TIMEOUT", `cannot wait for ${address}: stopped`, {
				cause: error,
			});
		throw unreachable(address, error);
	}
}

/** What a status means to the one who asked; a server's own failure is not ours. */
const CODES: Readonly<Record<number, ErrorCode>> = {
	400: "INVALID",
	401: "UNAUTHENTICATED",
	403: "DENIED",
	404: "NOT_FOUND",
	413: "INVALID",
	429: "OVERLOADED",
	501: "UNSUPPORTED",
	504: "TIMEOUT",
};

/** An error of TensorFlow Serving is `{"error": text}`. */
function refusal(
	address: string,
	status: number,
	body: Uint8Array,
): MlshipError {
	const text = Buffer.from(body).toString();
	const said = /^\s*\{\s*"error":\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
	const reason =
		said === undefined
			? text.slice(0, MAX_REASON).trim()
			: String(JSON.parse(said));
	return fail(
		CODES[status] ?? "NOT_READY",
		`${address} answered ${status}: ${reason}`,
		{ at: { url: address, status } },
	);
}

/** Of a page that is no error of TensorFlow Serving, so much is shown. */
const MAX_REASON = 300;

/** fetch says only "fetch failed"; its cause knows why. */
function unreachable(address: string, error: unknown): unknown {
	if (!(error instanceof TypeError)) return asMlshipError(error);
	const reason = asMlshipError(error.cause ?? error);
	return fail(
		reason.code === "BUG" ? "NOT_READY" : reason.code,
		`cannot ask ${address}: ${reason.message}`,
		{ at: { url: address }, cause: error },
	);
}
