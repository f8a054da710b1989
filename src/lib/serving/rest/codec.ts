import { fail, MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Signature } from "../../savedmodel/signature.js";
import type { TensorBounds } from "../../tensor/bounds.js";
import { decodePredictRequest } from "../../tensor/json/decode.js";
import { encodePredictResponse } from "../../tensor/json/encode.js";
import type { RequestSignature } from "../../tensor/json/request.js";
import type { Compat } from "../../tensor/json/source.js";
import { findTraced, predictOn, signatureKey } from "../calls.js";
import { classify } from "../examples/classify.js";
import { regress } from "../examples/regress.js";
import type { Host, Served, VersionChoice } from "../host.js";
import type { LoadedVersion } from "../load.js";
import type { Trace } from "../observer.js";
import { type Answer, jsonAnswer } from "./answer.js";
import { decodeExamplesRequest, type ExamplesRequest } from "./examples.js";
import { encodeClassification, encodeRegression } from "./results.js";

/** What a body is sent to. */
export interface BodyCall {
	readonly host: Host;
	readonly model: string;
	readonly choice: VersionChoice | undefined;
	/** What the model's split goes by. */
	readonly key: string | undefined;
	readonly body: Uint8Array;
	readonly compat: Compat;
	readonly bounds?: TensorBounds | undefined;
	/** Once it aborts nobody waits for the answer. */
	readonly signal: AbortSignal | undefined;
	readonly trace?: Trace | undefined;
}

/** Runs what a predict body asks for. As upstream does, the model is looked up once the body has told its signature. */
export async function answerPredict(call: BodyCall): Promise<Answer> {
	const { host, body, compat, bounds, signal, trace } = call;
	let served: Served | undefined;
	const request = decodePredictRequest(
		body,
		(signature) => {
			served = findTraced(host, call, trace);
			return requested(served.loaded, signatureKey({ signature }), compat);
		},
		{ compat, bounds },
	);
	const { version, outputs } = await predictOn(
		served ?? findTraced(host, call, trace),
		signatureKey({ signature: request.signatureName }),
		request.tensors,
		{ signal, trace },
	);
	const encoded = encodePredictResponse(request.format, outputs, { compat });
	return versionedAnswer(encoded, version, compat);
}

export async function answerClassify(call: BodyCall): Promise<Answer> {
	const { signatureName, examples } = decodeExamples(call);
	const { version, results } = await classify(
		call.host,
		{ ...call, signature: signatureName },
		examples,
		call,
	);
	return versionedAnswer(encodeClassification(results), version, call.compat);
}

export async function answerRegress(call: BodyCall): Promise<Answer> {
	const { signatureName, examples } = decodeExamples(call);
	const { version, results } = await regress(
		call.host,
		{ ...call, signature: signatureName },
		examples,
		call,
	);
	return versionedAnswer(encodeRegression(results), version, call.compat);
}

function versionedAnswer(
	body: Uint8Array,
	version: bigint,
	compat: Compat,
): Answer {
	const answer = jsonAnswer(body);
	return compat === "strict"
		? answer
		: { ...answer, headers: { "x-mlship-version": String(version) } };
}

/** Inputs that have a default may only be left out where upstream's rules do not count. */
function requested(
	loaded: LoadedVersion,
	key: string,
	compat: Compat,
): RequestSignature {
	const signature = findSignature(loaded, key);
	return compat === "strict" ? { key, inputs: signature.inputs } : signature;
}

/** TensorFlow Serving answers 400 to a signature that is not there, with the first words of this (json_tensor.cc). */
function findSignature(loaded: LoadedVersion, key: string): Signature {
	try {
		return loaded.signature(key);
	} catch (error) {
		if (!(error instanceof MlshipError && error.code === "NOT_FOUND"))
			throw error;
		const upstream = `Serving signature name: "${key}" not found in signature def`;
		throw fail(
			"INVALID",
			`${upstream}; the model has ${quoted(nearest(key, loaded.signatures.keys()))}`,
			{ cause: error, upstream },
		);
	}
}

function decodeExamples({
	host,
	model,
	choice,
	body,
	compat,
}: BodyCall): ExamplesRequest {
	return decodeExamplesRequest(
		body,
		compat === "strict" ? NO_FLOATS : floatFeatures(host, model, choice),
		compat,
	);
}

const NO_FLOATS: ReadonlySet<string> = new Set();

/** A model that is not there is an error once the body is read, as it is upstream. */
function floatFeatures(
	host: Host,
	model: string,
	choice: VersionChoice | undefined,
): ReadonlySet<string> {
	try {
		return host.find(model, choice).loaded.floatFeatures;
	} catch {
		return NO_FLOATS;
	}
}
