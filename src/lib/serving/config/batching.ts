import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
	type BatchingParameters as BatchingParametersMessage,
	BatchingParametersSchema,
} from "../../../gen/serving_config_pb.js";
import { fail } from "../../errors.js";
import { isFile } from "../../formats/file.js";
import { readConfigFile } from "./read.js";

/** How requests are put together into batches; TensorFlow Serving's BatchingParameters, every field with its value. */
export interface BatchingParameters {
	/** Rows that one task, and without splitting one batch, may have. */
	readonly maxBatchSize: number;
	/** How long a batch that is not full waits. */
	readonly batchTimeoutMicros: number;
	/** Batches that may wait in one queue; more are refused. */
	readonly maxEnqueuedBatches: number;
	/** Batches that run at a time. */
	readonly numBatchThreads: number;
	/** Queues of one name share their threads. */
	readonly threadPoolName: string;
	/** Ascending sizes that batches are padded to; none for any size. */
	readonly allowedBatchSizes: readonly number[];
	/** Whether inputs of different lengths are padded to the longest. */
	readonly padVariableLengthInputs: boolean;
	/** Whether a task of more rows than a batch may have is run in parts. */
	readonly enableLargeBatchSplitting: boolean;
	/** Rows that one batch may have; `maxBatchSize` without splitting. */
	readonly maxExecutionBatchSize: number;
}

/** What `--enable_batching` without a file means. */
export function defaultBatching(): BatchingParameters {
	return {
		maxBatchSize: 1000,
		batchTimeoutMicros: 0,
		maxEnqueuedBatches: 10,
		numBatchThreads: availableParallelism(),
		threadPoolName: "model_server_batch_threads",
		allowedBatchSizes: [],
		padVariableLengthInputs: false,
		enableLargeBatchSplitting: false,
		maxExecutionBatchSize: 1000,
	};
}

/** Reads the file of `--batching_parameters_file`; fails as `readConfigFile` does, and with INVALID for values that do not fit. */
export function readBatchingFile(path: string): BatchingParameters {
	return readBatching(readConfigFile(BatchingParametersSchema, path), path);
}

/**
 * What `batching_params.pbtxt` in a version's folder says, undefined where there is none: with
 * `--enable_per_model_batching_parameters` such a version is not batched. The threads are those of all models
 * (session_bundle_config's use in saved_model_bundle_factory.cc).
 */
export function readVersionBatching(
	dir: string,
	{ numBatchThreads, threadPoolName }: BatchingParameters,
): BatchingParameters | undefined {
	const path = join(dir, VERSION_FILE);
	if (!isFile(path)) return undefined;
	return { ...readBatchingFile(path), numBatchThreads, threadPoolName };
}

const VERSION_FILE = "batching_params.pbtxt";

function readBatching(
	message: BatchingParametersMessage,
	path: string,
): BatchingParameters {
	const count = (
		field: CountField,
		otherwise: number,
		least: number,
	): number => {
		const value = message[field];
		if (value === undefined) return otherwise;
		if (value < least || value > Number.MAX_SAFE_INTEGER)
			throw unusable(path, `${NAMES[field]} is ${value}`, `at least ${least}`);
		return Number(value);
	};
	const defaults = defaultBatching();
	const maxBatchSize = count("maxBatchSize", defaults.maxBatchSize, 1);
	const enableLargeBatchSplitting = message.enableLargeBatchSplitting ?? false;
	const given = count("maxExecutionBatchSize", maxBatchSize, 1);
	const maxExecutionBatchSize = enableLargeBatchSplitting
		? given
		: maxBatchSize;
	if (maxExecutionBatchSize > maxBatchSize)
		throw unusable(
			path,
			`max_execution_batch_size is ${maxExecutionBatchSize}`,
			`at most max_batch_size, ${maxBatchSize}`,
		);
	return {
		maxBatchSize,
		batchTimeoutMicros: count("batchTimeoutMicros", 0, 0),
		maxEnqueuedBatches: count(
			"maxEnqueuedBatches",
			defaults.maxEnqueuedBatches,
			1,
		),
		numBatchThreads: count("numBatchThreads", defaults.numBatchThreads, 1),
		threadPoolName: message.threadPoolName ?? "batch_threads",
		allowedBatchSizes: readSizes(message, maxExecutionBatchSize, path),
		padVariableLengthInputs: message.padVariableLengthInputs,
		enableLargeBatchSplitting,
		maxExecutionBatchSize,
	};
}

/** Ascending, and the last one is what a batch may have at most (batching_session.cc, batching_util.cc). */
function readSizes(
	{ allowedBatchSizes }: BatchingParametersMessage,
	largest: number,
	path: string,
): number[] {
	const sizes = allowedBatchSizes.map(Number);
	const last = allowedBatchSizes.at(-1);
	if (last === undefined) return [];
	if (last !== BigInt(largest))
		throw fail(
			"INVALID",
			`Last entry in allowed_batch_sizes must match max_batch_size; last entry was ${last}; expected ${largest}`,
			{ at: { file: path } },
		);
	for (const [i, size] of sizes.entries())
		if (size < 1 || (i > 0 && size <= sizes[i - 1]))
			throw unusable(
				path,
				`allowed_batch_sizes is ${sizes.join(", ")}`,
				"ascending sizes from 1",
			);
	return sizes;
}

type CountField =
	| "maxBatchSize"
	| "batchTimeoutMicros"
	| "maxEnqueuedBatches"
	| "numBatchThreads"
	| "maxExecutionBatchSize";

const NAMES: Readonly<Record<CountField, string>> = {
	maxBatchSize: "max_batch_size",
	batchTimeoutMicros: "batch_timeout_micros",
	maxEnqueuedBatches: "max_enqueued_batches",
	numBatchThreads: "num_batch_threads",
	maxExecutionBatchSize: "max_execution_batch_size",
};

function unusable(path: string, found: string, wanted: string) {
	return fail("INVALID", `cannot use ${path}: ${found}, wanted ${wanted}`, {
		at: { file: path },
	});
}
