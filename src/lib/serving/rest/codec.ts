import { fail, MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
} from "../../savedmodel/signature.js";
import { decodePredictRequest } from "../../tensor/json/decode.js";
import { encodePredictResponse } from "../../tensor/json/encode.js";
import type { Host, VersionChoice } from "../host.js";
import type { LoadedVersion } from "../load.js";
import { predict } from "../predict.js";
import { type Answer, jsonAnswer } from "./answer.js";

/** Runs what a predict body asks for. As upstream does, the model is looked up once the body has told its signature. */
export async function answerPredict(
	host: Host,
	model: string,
	choice: VersionChoice | undefined,
	body: Uint8Array,
): Promise<Answer> {
	const request = decodePredictRequest(body, (name) =>
		findSignature(host.find(model, choice).loaded, keyOf(name)),
	);
	const { loaded } = host.find(model, choice);
	const outputs = await predict(
		loaded,
		keyOf(request.signatureName),
		request.tensors,
	);
	return jsonAnswer(encodePredictResponse(request.format, outputs));
}

function keyOf(name: string): string {
	return name === "" ? DEFAULT_SIGNATURE : name;
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
