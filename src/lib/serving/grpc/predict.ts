import { fail, MlshipError } from "../../errors.js";
import { nearest, quoted } from "../../nearest.js";
import type { Signature } from "../../savedmodel/signature.js";
import { findTraced, predictOn, signatureKey } from "../calls.js";
import type { LoadedVersion } from "../load.js";
import { encodePredictResponse, readPredictRequest } from "./codec.js";
import { inputsOf } from "./inputs.js";
import type { AnswerBytes } from "./service.js";
import { answeredSpec, routedSpec } from "./spec.js";

/** PredictionService.Predict, of signatures of any method. */
export const answerPredict: AnswerBytes = async (service, bytes, call) => {
	const { host, maxBody, bounds, form } = service;
	const { signal, trace } = call;
	const request = readPredictRequest(bytes);
	const spec = routedSpec(request.spec, host, call);
	const served = findTraced(host, spec, trace);
	const key = signatureKey(spec);
	const signature = findSignature(served.loaded, key);
	const inputs = inputsOf(signature, request.inputs, {
		bytes: maxBody,
		bounds,
	});
	const { version, outputs } = await predictOn(served, key, inputs, {
		outputs: request.outputFilter,
		signal,
		trace,
	});
	return encodePredictResponse(
		outputs,
		answeredSpec(spec.model, version, key),
		form,
	);
};

/** predict_util.cc has another code for this than all else that is not found. */
function findSignature(loaded: LoadedVersion, key: string): Signature {
	try {
		return loaded.signature(key);
	} catch (error) {
		if (!(error instanceof MlshipError && error.code === "NOT_FOUND"))
			throw error;
		const upstream = `Serving signature key "${key}" not found.`;
		const known = quoted(nearest(key, loaded.signatures.keys()));
		throw fail("MISMATCH", `${upstream} (the model has ${known})`, {
			...{ cause: error, upstream },
		});
	}
}
