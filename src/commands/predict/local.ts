import { DEFAULT_SIGNATURE } from "../../lib/savedmodel/signature.js";
import { batchesOf, predictBatches } from "../../lib/serving/batches.js";
import { loadModel } from "../../lib/serving/load.js";
import { predict } from "../../lib/serving/predict.js";
import { decodePredictRequest } from "../../lib/tensor/json/decode.js";
import { encodePredictResponse } from "../../lib/tensor/json/encode.js";
import type { Answerer } from "./answerer.js";
import type { PredictSettings } from "./settings.js";
import type { OpenedVersion } from "./version.js";

/** A version that runs in this process; nothing is opened before it is asked for. */
export async function openVersion(
	{ dir, close }: OpenedVersion,
	{ load, signature, rowsAtOnce }: PredictSettings,
): Promise<Answerer> {
	const version = await loadModel(dir, load);
	const keyOf = (name: string) => name || (signature ?? DEFAULT_SIGNATURE);
	return {
		keys: [...version.signatures.keys()],
		dir,
		signature: (key) => version.signature(key),
		run: ({ key }, inputs) => predict(version, key, inputs),
		answer: async (body) => {
			const { signatureName, format, tensors } = decodePredictRequest(
				body,
				(name) => version.signature(keyOf(name)),
			);
			const run = (inputs: typeof tensors) =>
				predict(version, keyOf(signatureName), inputs);
			const outputs =
				rowsAtOnce === undefined
					? await run(tensors)
					: await predictBatches(run, batchesOf(tensors, rowsAtOnce));
			return encodePredictResponse(format, outputs);
		},
		close: () => version.close().finally(close),
	};
}
