import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
	defaultBatching,
	readBatchingFile,
	readVersionBatching,
} from "../../../../src/lib/serving/config/batching.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const FILE = join(folder, "batching.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string) {
	writeFileSync(FILE, text);
	return readBatchingFile(FILE);
}

describe("readBatchingFile()", () => {
	test("reads TensorFlow Serving's batching_config.txt", () => {
		expect(
			readBatchingFile(
				"fixtures/models/tensorflow-serving/batching_config.txt",
			),
		).toEqual({
			maxBatchSize: 128,
			batchTimeoutMicros: 0,
			maxEnqueuedBatches: 1_000_000,
			numBatchThreads: 8,
			threadPoolName: "batch_threads",
			allowedBatchSizes: [],
			padVariableLengthInputs: false,
			enableLargeBatchSplitting: false,
			maxExecutionBatchSize: 128,
		});
	});

	test("reads every field", () => {
		expect(
			read(`max_batch_size { value: 64 } batch_timeout_micros: < value: 1000 >
				max_enqueued_batches { value: 5 } num_batch_threads { value: 2 }
				thread_pool_name { value: "pool" } allowed_batch_sizes: [4, 16, 32]
				pad_variable_length_inputs: true
				enable_large_batch_splitting { value: true }
				max_execution_batch_size { value: 32 }`),
		).toEqual({
			maxBatchSize: 64,
			batchTimeoutMicros: 1000,
			maxEnqueuedBatches: 5,
			numBatchThreads: 2,
			threadPoolName: "pool",
			allowedBatchSizes: [4, 16, 32],
			padVariableLengthInputs: true,
			enableLargeBatchSplitting: true,
			maxExecutionBatchSize: 32,
		});
	});

	// session_bundle_config.proto says what fields that are left out mean
	test("has TensorFlow Serving's defaults", () => {
		const defaults = {
			maxBatchSize: 1000,
			batchTimeoutMicros: 0,
			maxEnqueuedBatches: 10,
			numBatchThreads: availableParallelism(),
			allowedBatchSizes: [],
			padVariableLengthInputs: false,
			enableLargeBatchSplitting: false,
			maxExecutionBatchSize: 1000,
		};
		expect(read("")).toEqual({ ...defaults, threadPoolName: "batch_threads" });
		expect(defaultBatching()).toEqual({
			...defaults,
			threadPoolName: "model_server_batch_threads",
		});
	});

	test("does not limit batches of a file that does not split them", () => {
		const text =
			"max_batch_size { value: 8 } max_execution_batch_size { value: 4 }";
		expect(read(text).maxExecutionBatchSize).toBe(8);
	});

	test.each([
		[
			"max_batch_size { value: 8 } allowed_batch_sizes: [2, 4]",
			"Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8",
		],
		["max_batch_size { value: 8 } allowed_batch_sizes: [4, 2, 8]", "ascending"],
		["max_batch_size { value: 8 } allowed_batch_sizes: [0, 8]", "ascending"],
		["max_batch_size { value: 0 }", "max_batch_size is 0, wanted at least 1"],
		["max_batch_size { value: -3 }", "max_batch_size is -3"],
		["batch_timeout_micros { value: -1 }", "batch_timeout_micros is -1"],
		["num_batch_threads { value: 0 }", "num_batch_threads is 0"],
		["max_enqueued_batches { value: 9223372036854775807 }", "is 922337"],
		[
			"max_batch_size { value: 8 } enable_large_batch_splitting { value: true } max_execution_batch_size { value: 9 }",
			"at most max_batch_size, 8",
		],
		[
			"max_batch_size: 8",
			'Error parsing text-format tensorflow.serving.BatchingParameters: 1:17: found "8", wanted "{"',
		],
	])("fails with INVALID for %s", (text, words) => {
		expect(() => read(text)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(words),
			}),
		);
	});
});

describe("readVersionBatching()", () => {
	const all = { ...defaultBatching(), numBatchThreads: 3, threadPoolName: "p" };

	test("reads a version's own file, and takes the threads of all", () => {
		writeFileSync(
			join(folder, "batching_params.pbtxt"),
			"max_batch_size { value: 16 } num_batch_threads { value: 9 }",
		);
		expect(readVersionBatching(folder, all)).toMatchObject({
			maxBatchSize: 16,
			numBatchThreads: 3,
			threadPoolName: "p",
		});
	});

	test("is nothing for a version without a file", () => {
		expect(readVersionBatching(join(folder, "7"), all)).toBeUndefined();
	});
});
