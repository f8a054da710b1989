import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type PredictionLog,
	PredictionLogSchema,
} from "../../../gen/prediction_log_pb.js";
import {
	ClassificationRequestSchema,
	ModelSpecSchema,
	MultiInferenceRequestSchema,
	PredictRequestSchema,
	RegressionRequestSchema,
	type ModelSpec as SpecMessage,
} from "../../../gen/prediction_pb.js";
import { asMlshipError, fail } from "../../errors.js";
import { readTfRecords } from "../../formats/tfrecord.js";
import { Host } from "../host.js";
import type { LoadedVersion } from "../load.js";
import type { WarmUpOptions } from "../warm-up.js";
import {
	answerClassify,
	answerMultiInference,
	answerRegress,
} from "./examples.js";
import { answerPredict } from "./predict.js";
import type { AnswerBytes, GrpcService } from "./service.js";

/** Upstream's limit (saved_model_warmup_util.h, WarmupConsts::kMaxNumRecords). */
const MAX_RECORDS = 1000;

/** Runs the requests of a file of PredictionLog records, and counts them; fails at the first that is not answered, saying which. */
export async function runWarmUp(
	version: LoadedVersion,
	file: Uint8Array,
	path: string,
	{ iterations = 0, maxBody }: WarmUpOptions,
): Promise<number> {
	const service = await serviceOf(version, maxBody);
	let count = 0;
	for (const record of recordsOf(file, path)) {
		if (++count > MAX_RECORDS)
			throw fail(
				"INVALID",
				`Number of warmup records exceeds the maximum (${MAX_RECORDS}) at ${path}`,
			);
		try {
			const log = readLog(record);
			for (let i = 0; i < Math.max(1, iterations); i++)
				await runLog(service, log);
		} catch (error) {
			const { code, message } = asMlshipError(error);
			throw fail(
				code,
				`cannot warm up with request ${count} of ${path}: ${message}`,
				{ cause: error },
			);
		}
	}
	return count;
}

function* recordsOf(file: Uint8Array, path: string): Generator<Uint8Array> {
	try {
		yield* readTfRecords(file);
	} catch (error) {
		const { code, message } = asMlshipError(error);
		throw fail(
			code,
			`${message}. Please verify your warmup data is in TFRecord format. (${path})`,
			{ cause: error },
		);
	}
}

function readLog(record: Uint8Array): PredictionLog {
	try {
		return fromBinary(PredictionLogSchema, record);
	} catch (cause) {
		throw fail(
			"INVALID",
			`Failed to parse warmup record: ${(cause as Error).message}`,
			{ cause },
		);
	}
}

/** Requests of a log name some model or other: here there is one. */
const NAME = "m";

/** A host for the version alone, which nobody else sees yet. */
async function serviceOf(
	version: LoadedVersion,
	maxBody: number,
): Promise<GrpcService> {
	const host = new Host(async () => version);
	await host.addVersion(NAME, { version: 1n, dir: version.dir });
	const whyNotReady = () => undefined;
	return { host, maxBody, form: "fields", compat: "default", whyNotReady };
}

async function runLog(
	service: GrpcService,
	{ logType }: PredictionLog,
): Promise<void> {
	const run = RUNS[logType.case ?? "sessionRunLog"] as RunLog<unknown>;
	await run(service, logType.value);
}

type LogCase = NonNullable<PredictionLog["logType"]["case"]>;

type LogOf<K> = Extract<
	PredictionLog["logType"],
	{ readonly case: K }
>["value"];

type RunLog<T> = (service: GrpcService, log: T) => Promise<void>;

const RUNS: { readonly [K in LogCase]: RunLog<LogOf<K>> } = {
	predictLog: async (service, { request }) => {
		const message = { ...wanted(request), modelSpec: specOf(request) };
		const bytes = toBinary(PredictRequestSchema, message);
		await answer(answerPredict, service, bytes);
	},
	classifyLog: async (service, { request }) => {
		const message = { ...wanted(request), modelSpec: specOf(request) };
		const bytes = toBinary(ClassificationRequestSchema, message);
		await answer(answerClassify, service, bytes);
	},
	regressLog: async (service, { request }) => {
		const message = { ...wanted(request), modelSpec: specOf(request) };
		const bytes = toBinary(RegressionRequestSchema, message);
		await answer(answerRegress, service, bytes);
	},
	multiInferenceLog: async (service, { request }) => {
		const message = wanted(request);
		const tasks = message.tasks.map((task) => ({
			...task,
			modelSpec: specOf(task),
		}));
		const bytes = toBinary(MultiInferenceRequestSchema, { ...message, tasks });
		await answer(answerMultiInference, service, bytes);
	},
	sessionRunLog: () => Promise.reject(unsupported()),
	predictStreamedLog: () => Promise.reject(unsupported()),
};

/** saved_model_warmup.cc, RunWarmupRequest. */
function unsupported(): Error {
	return fail("UNSUPPORTED", "Unsupported log_type for warmup");
}

function wanted<T>(request: T | undefined): T {
	if (request !== undefined) return request;
	throw fail("INVALID", "it holds no request");
}

/** Only the signature counts. */
function specOf(
	message: { readonly modelSpec?: SpecMessage | undefined } | undefined,
): SpecMessage {
	const signatureName = message?.modelSpec?.signatureName ?? "";
	return create(ModelSpecSchema, { name: NAME, signatureName });
}

async function answer(
	run: AnswerBytes,
	service: GrpcService,
	bytes: Uint8Array,
): Promise<void> {
	const { signal } = new AbortController();
	await run(service, bytes, { signal, header: () => undefined });
}
