import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { asMlshipError } from "../../lib/errors.js";
import { readWhole } from "../../lib/formats/file.js";
import { DEFAULT_SIGNATURE } from "../../lib/savedmodel/signature.js";
import { batchesOf, predictBatches } from "../../lib/serving/batches.js";
import type { LoadedVersion } from "../../lib/serving/load.js";
import { predict } from "../../lib/serving/predict.js";
import { decodePredictRequest } from "../../lib/tensor/json/decode.js";
import { encodePredictResponse } from "../../lib/tensor/json/encode.js";
import type { CommandContext } from "../context.js";
import { saveOutputs } from "./save.js";
import type { PredictSettings } from "./settings.js";

/** Answers a body of TensorFlow Serving's REST API with the bytes that the server would send. */
export async function answerRequest(
	version: LoadedVersion,
	file: string,
	settings: PredictSettings,
	context: CommandContext,
): Promise<void> {
	const keyOf = (name: string) =>
		name || (settings.signature ?? DEFAULT_SIGNATURE);
	const body = await readBody(file, context);
	const { signatureName, format, tensors } = decodePredictRequest(
		body,
		(name) => version.signature(keyOf(name)),
	);
	const key = keyOf(signatureName);
	const { rowsAtOnce, out } = settings;
	const outputs =
		rowsAtOnce === undefined
			? await predict(version, key, tensors)
			: await predictBatches(version, key, batchesOf(tensors, rowsAtOnce));
	if (out !== undefined) return saveOutputs(outputs, out, settings, context);
	context.stdout(encodePredictResponse(format, outputs));
	// for a person's eyes only: a script gets the server's bytes and no more
	if (context.isTTY.stdout) context.stdout("\n");
}

/** What Node can read into one buffer, on all platforms. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;

export async function readBody(
	file: string,
	{ cwd, stdin }: Pick<CommandContext, "cwd" | "stdin">,
): Promise<Uint8Array> {
	return file === "-"
		? readStream(stdin)
		: readWhole(resolve(cwd, file), MAX_FILE_BYTES);
}

async function readStream(stream: Readable): Promise<Uint8Array> {
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of stream) chunks.push(Buffer.from(chunk));
	} catch (error) {
		throw asMlshipError(error);
	}
	return Buffer.concat(chunks);
}
