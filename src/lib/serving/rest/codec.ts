import { fail, MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Signature } from "../../savedmodel/signature.js";
import { decodePredictRequest } from "../../tensor/json/decode.js";
import { encodePredictResponse } from "../../tensor/json/encode.js";
import { predictOn, signatureKey } from "../calls.js";
import type { Host, Served, VersionChoice } from "../host.js";
import type { LoadedVersion } from "../load.js";
import { type Answer, jsonAnswer } from "./answer.js";

/** Runs what a predict body asks for. As upstream does, the model is looked up once the body has told its signature. */
export async function answerPredict(
	host: Host,
	model: string,
	choice: VersionChoice | undefined,
	body: Uint8Array,
	key?: string,
): Promise<Answer> {
	let served: Served | undefined;
	const request = decodePredictRequest(body, (signature) => {
		served = host.find(model, choice, key);
		return findSignature(served.loaded, signatureKey({ signature }));
	});
	const { version, outputs } = await predictOn(
		served ?? host.find(model, choice, key),
		signatureKey({ signature: request.signatureName }),
		request.tensors,
	);
	return {
		...jsonAnswer(encodePredictResponse(request.format, outputs)),
		headers: versionHeader(version),
	};
}

/** Which version answered: ours, TensorFlow Serving's answers do not tell. */
export function versionHeader(version: bigint): Record<string, string> {
	return { "x-mlship-version": String(version) };
}

/** TensorFlow Serving answers 400 to a signature that is not there, with the first words of this (json_tensor.cc). */
function findSignature(loaded: LoadedVersion, key: string): Signature {
	try {
		return loaded.signature(key);
	} catch (error) {
		if (!(error instanceof MlshipError && error.code === "NOT_FOUND"))
			throw error;
		throw fail(
			"INVALID",
			`Serving signature name: "${key}" not found in signature def; the model has ${quoted(nearest(key, loaded.signatures.keys()))}`,
			{ cause: error },
		);
	}
}
