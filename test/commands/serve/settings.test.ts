import { describe, expect, test } from "vitest";
import type { FlagValues } from "../../../src/commands/serve/flags.js";
import {
	readBatching,
	readSettings,
} from "../../../src/commands/serve/settings.js";
import { readBatchingFile } from "../../../src/lib/serving/config/batching.js";

function settings(flags: FlagValues, env: Record<string, string> = {}) {
	return readSettings(flags, { env, cwd: process.cwd() });
}

const UPSTREAM = "fixtures/models/tensorflow-serving";

describe("readSettings()", () => {
	test("listens to this machine alone, but in an image to all", () => {
		expect(settings({}).address).toBe("127.0.0.1");
		expect(settings({}, { MLSHIP_IN_IMAGE: "1" }).address).toBe("0.0.0.0");
		const host = { host: "192.0.2.1" };
		expect(settings(host, { MLSHIP_IN_IMAGE: "1" }).address).toBe("192.0.2.1");
	});

	test("has TensorFlow Serving's pauses and limits", () => {
		expect(settings({})).toMatchObject({
			timeoutMs: 30_000,
			pollMs: 1000,
			configPollMs: 0,
			watch: { retries: 5, retryMs: 60_000, allowsUnavailableLabels: false },
			grpc: { port: 8500, isPortGiven: false },
		});
	});

	test("knows TensorFlow Serving's negative pauses: no looking, and no waiting for a retry", () => {
		const given = settings({
			file_system_poll_wait_seconds: -1,
			load_retry_interval_micros: -1,
		});
		expect(given.pollMs).toBe(0);
		expect(given.watch.retryMs).toBeLessThanOrEqual(0);
	});

	test.each<[FlagValues, number | undefined, number | undefined]>([
		[{}, undefined, undefined],
		[{ tensorflow_session_parallelism: 1 }, 1, 1],
		[
			{
				tensorflow_intra_op_parallelism: 2,
				tensorflow_inter_op_parallelism: 1,
			},
			2,
			1,
		],
		[
			{ tensorflow_session_parallelism: 1, tensorflow_intra_op_parallelism: 2 },
			2,
			1,
		],
		[{ tensorflow_inter_op_parallelism: -1 }, undefined, 1],
		[{ tensorflow_intra_op_parallelism: 2, threads: "1" }, 1, undefined],
	])("makes of %j %s threads and %s workers", (flags, threads, workers) => {
		const { load } = settings(flags);
		expect([load.threads, load.workers]).toEqual([threads, workers]);
	});

	test("cuts TensorFlow's threads to what the machine can do", () => {
		const { load } = settings({ tensorflow_intra_op_parallelism: 1_000_000 });
		expect(load.threads).toBeLessThan(1_000_000);
	});

	test("reads monitoring from its file", () => {
		const { metrics } = settings({
			monitoring_config_file: `${UPSTREAM}/monitoring_config.txt`,
		});
		expect(metrics).toEqual({
			configuredPath: "/monitoring/prometheus/metrics",
			path: "/metrics",
		});
	});

	test.each<[FlagValues, "default" | "strict", object]>([
		[{}, "default", { kind: "automatic" }],
		[{}, "strict", { kind: "off" }],
		[{ enable_batching: false }, "default", { kind: "off" }],
		[
			{ enable_batching: true },
			"default",
			{
				kind: "asked",
				parameters: { threadPoolName: "model_server_batch_threads" },
				perVersion: false,
			},
		],
		[
			{
				enable_batching: true,
				batching_parameters_file: `${UPSTREAM}/batching_config.txt`,
				enable_per_model_batching_parameters: true,
			},
			"strict",
			{ kind: "asked", parameters: { maxBatchSize: 128 }, perVersion: true },
		],
	])("with %j, %s, batches are %j", (flags, compat, expected) => {
		expect(readBatching(flags, compat, readBatchingFile)).toMatchObject(
			expected,
		);
	});

	// the words are those of server.cc
	test.each<[FlagValues, string]>([
		[
			{ batching_parameters_file: "b.txt" },
			"server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
		],
		[
			{
				tensorflow_session_parallelism: 1,
				tensorflow_intra_op_parallelism: 2,
				tensorflow_inter_op_parallelism: 3,
			},
			"it means both of them",
		],
		[{ threads: "0" }, "cannot use --threads 0"],
		[{ engine: "onxn" }, '"onnx"'],
	])("fails with INVALID for %j", (flags, words) => {
		expect(() => settings(flags)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(words),
			}),
		);
	});
});
