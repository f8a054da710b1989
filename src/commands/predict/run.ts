import { basename, resolve } from "node:path";
import { isUrl } from "../../lib/client/rest.js";
import type { Tensors } from "../../lib/engines/engine.js";
import { fail } from "../../lib/errors.js";
import { readWhole } from "../../lib/formats/file.js";
import type { Signature } from "../../lib/savedmodel/signature.js";
import {
	type Batch,
	batchesOf,
	predictBatches,
} from "../../lib/serving/batches.js";
import { pictureBatches } from "../../lib/serving/pictures.js";
import { showShape } from "../../lib/tensor/tensor.js";
import type { CommandContext } from "../context.js";
import type { PredictOptions } from "../predict.js";
import { openProgress } from "../ui/progress.js";
import { type Answerer, signatureToRun } from "./answerer.js";
import { readInputs } from "./inputs.js";
import { readLabels } from "./labels.js";
import { openVersion } from "./local.js";
import { present } from "./present.js";
import { openServer } from "./remote.js";
import { answerRequest, MAX_FILE_BYTES } from "./request.js";
import { fileFormat } from "./save.js";
import { type PredictSettings, readSettings } from "./settings.js";
import { versionToRun } from "./version.js";

/** Runs a signature on what the options give, and prints or writes what comes out. */
export async function runPredict(
	path: string | undefined,
	options: PredictOptions,
	context: CommandContext,
): Promise<void> {
	const settings = readSettings(options);
	const { request, image, input, out } = settings;
	if (request !== undefined && (image ?? input) !== undefined)
		throw fail(
			"INVALID",
			"cannot use --request together with --input or --image: one of the two is wanted",
		);
	// a name that no file can be written under is better known before the run
	if (out !== undefined && request === undefined) fileFormat(out);
	const answerer =
		path !== undefined && isUrl(path)
			? await openServer(path, settings, context)
			: await openVersion(await versionToRun(path, options, context), settings);
	try {
		if (request !== undefined)
			await answerRequest(answerer, request, settings, context);
		else await answerInputs(answerer, settings, context);
	} finally {
		await answerer.close();
	}
}

async function answerInputs(
	answerer: Answerer,
	settings: PredictSettings,
	context: CommandContext,
): Promise<void> {
	const { image, input = [] } = settings;
	const signature = signatureToRun(answerer, settings.signature);
	const given = readInputs(input, signature, context.cwd);
	const labels = readLabels(answerer.dir, settings, context);
	const run = (inputs: Tensors) => answerer.run(signature, inputs);
	const outputs =
		image === undefined
			? await runTensors(run, signature, given, settings, context)
			: await runPictures(run, signature, given, settings, context);
	const rows = image?.map((name) => basename(name));
	present(outputs, { labels, rows }, settings, context);
}

type Run = (inputs: Tensors) => Promise<Tensors>;

async function runTensors(
	run: Run,
	{ key, inputs, defaults }: Signature,
	given: Tensors,
	settings: PredictSettings,
	context: CommandContext,
): Promise<Tensors> {
	const needed = inputs.filter(({ name }) => !defaults.has(name));
	if (Object.keys(given).length === 0 && needed.length > 0)
		throw fail(
			"INVALID",
			`cannot run signature "${key}" without inputs: it takes ${needed.map(({ name, dtype, shape }) => `"${name}" (${dtype} ${showShape(shape)})`).join(", ")}`,
			{
				hint: "give --input NAME=VALUE, --image FILE or --request FILE; mlship inspect --example shows a request",
			},
		);
	const { rowsAtOnce } = settings;
	if (rowsAtOnce === undefined) return run(given);
	const batches = batchesOf(given, rowsAtOnce);
	const rows = batches.reduce((sum, batch) => sum + (batch.rows ?? 1), 0);
	return runBatches(run, batches, rows, settings, context);
}

function runPictures(
	run: Run,
	signature: Signature,
	given: Tensors,
	settings: PredictSettings,
	context: CommandContext,
): Promise<Tensors> {
	const names = settings.image ?? [];
	const files = names.map((name) => ({
		name,
		read: () => readWhole(resolve(context.cwd, name), MAX_FILE_BYTES),
	}));
	const batches = pictureBatches(files, signature, given, settings);
	return runBatches(run, batches, files.length, settings, context);
}

async function runBatches(
	run: Run,
	batches: Iterable<Batch> | AsyncIterable<Batch>,
	rows: number,
	settings: PredictSettings,
	context: CommandContext,
): Promise<Tensors> {
	const progress = await openProgress(rows, settings, context);
	try {
		return await predictBatches(run, batches, progress.advance);
	} finally {
		progress.close();
	}
}
