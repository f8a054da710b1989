import { basename, resolve } from "node:path";
import type { Tensors } from "../../lib/engines/engine.js";
import { fail } from "../../lib/errors.js";
import { readWhole } from "../../lib/formats/file.js";
import {
	DEFAULT_SIGNATURE,
	type Signature,
} from "../../lib/savedmodel/signature.js";
import {
	type Batch,
	batchesOf,
	predictBatches,
} from "../../lib/serving/batches.js";
import { type LoadedVersion, loadModel } from "../../lib/serving/load.js";
import { pictureBatches } from "../../lib/serving/pictures.js";
import { predict } from "../../lib/serving/predict.js";
import { showShape } from "../../lib/tensor/tensor.js";
import type { CommandContext } from "../context.js";
import type { PredictOptions } from "../predict.js";
import { openProgress } from "../ui/progress.js";
import { readInputs } from "./inputs.js";
import { readLabels } from "./labels.js";
import { present } from "./present.js";
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
	if (out !== undefined) fileFormat(out);
	const { dir } = versionToRun(path, options, context);
	const version = await loadModel(dir, settings.load);
	try {
		if (request !== undefined)
			await answerRequest(version, request, settings, context);
		else await answerInputs(version, settings, context);
	} finally {
		await version.close();
	}
}

async function answerInputs(
	version: LoadedVersion,
	settings: PredictSettings,
	context: CommandContext,
): Promise<void> {
	const { image, input = [] } = settings;
	const signature = signatureToRun(version, settings);
	const given = readInputs(input, signature, context.cwd);
	const labels = readLabels(version.dir, settings, context);
	const outputs =
		image === undefined
			? await runTensors(version, signature, given, settings, context)
			: await runPictures(version, signature, given, settings, context);
	present(
		outputs,
		{ labels, rows: image?.map((name) => basename(name)) },
		settings,
		context,
	);
}

/** The one that is named, else the default one, else the only one. */
function signatureToRun(
	version: LoadedVersion,
	{ signature }: PredictSettings,
): Signature {
	const [only, ...more] = version.signatures.keys();
	const key =
		signature ??
		(more.length === 0 && only !== undefined ? only : DEFAULT_SIGNATURE);
	return version.signature(key);
}

async function runTensors(
	version: LoadedVersion,
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
	if (rowsAtOnce === undefined) return predict(version, key, given);
	const batches = batchesOf(given, rowsAtOnce);
	const rows = batches.reduce((sum, batch) => sum + (batch.rows ?? 1), 0);
	return runBatches(version, key, batches, rows, settings, context);
}

function runPictures(
	version: LoadedVersion,
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
	return runBatches(
		version,
		signature.key,
		batches,
		files.length,
		settings,
		context,
	);
}

async function runBatches(
	version: LoadedVersion,
	key: string,
	batches: Iterable<Batch> | AsyncIterable<Batch>,
	rows: number,
	settings: PredictSettings,
	context: CommandContext,
): Promise<Tensors> {
	const progress = await openProgress(rows, settings, context);
	try {
		return await predictBatches(version, key, batches, progress.advance);
	} finally {
		progress.close();
	}
}
