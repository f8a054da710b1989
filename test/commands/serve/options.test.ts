import { describe, expect, test } from "vitest";
import { FLAGS } from "../../../src/commands/serve/flags.js";
import {
	notesOf,
	readFlags,
	refusalOf,
	splitArguments,
	withSwitchValues,
} from "../../../src/commands/serve/options.js";
import { runCli } from "../../run-cli.js";

/** Every flag of tensorflow_model_server 2.20 (main.cc), but `--version`, which is the program's. */
const UPSTREAM =
	`port grpc_socket_path rest_api_port rest_api_num_threads rest_api_timeout_in_ms rest_api_enable_cors_support
	enable_batching batching_parameters_file enable_per_model_batching_parameters
	allow_version_labels_for_unavailable_models model_config_file model_config_file_poll_wait_seconds model_name
	model_base_path num_load_threads num_unload_threads max_num_load_retries load_retry_interval_micros
	file_system_poll_wait_seconds flush_filesystem_caches tensorflow_session_parallelism
	tensorflow_intra_op_parallelism tensorflow_inter_op_parallelism tensorflow_session_config_file
	use_alts_credentials ssl_config_file platform_config_file per_process_gpu_memory_fraction saved_model_tags
	grpc_channel_arguments grpc_max_threads enable_model_warmup num_request_iterations_for_warmup
	monitoring_config_file remove_unused_fields_from_bundle_metagraph prefer_tflite_model num_tflite_pools
	num_tflite_interpreters_per_pool enable_signature_method_name_check xla_cpu_compilation_enabled
	xla_gpu_compilation_enabled enable_profiler thread_pool_factory_config_file mixed_precision skip_initialize_tpu
	enable_grpc_healthcheck_service enable_serialization_as_tensor_content`.split(
		/\s+/,
	);

test("the table has every flag of tensorflow_model_server, and names no other one as such", () => {
	const named = Object.entries(FLAGS)
		.filter(([, flag]) => "isUpstream" in flag)
		.map(([name]) => name);
	expect(named.sort()).toEqual(UPSTREAM.sort());
});

test("the help has every flag, TensorFlow Serving's rarer ones apart", async () => {
	const { stdout } = await runCli(["serve", "--help"]);
	for (const name of UPSTREAM) expect(stdout).toContain(`--${name}`);
	const [usual, rest] = stdout.split("TensorFlow Serving's other flags:");
	expect(usual).toContain("--model_config_file <file>");
	expect(usual).toContain("--max-body <bytes>");
	expect(rest).toContain("--grpc_max_threads <n>");
	expect(rest).toMatch(/Global Options:[\s\S]*--json/);
	expect(rest).toMatch(/Taken without effect[\s\S]*--skip_initialize_tpu/);
});

describe("readFlags()", () => {
	test("reads what was given, by its type", () => {
		expect(
			readFlags({
				restApiPort: "9000",
				port: "0",
				enableBatching: "true",
				enableModelWarmup: "0",
				restApiEnableCorsSupport: true,
				loadRetryIntervalMicros: "-1",
				maxBody: "1MiB",
				compat: "strict",
				perProcessGpuMemoryFraction: "0.5",
				json: true,
			}),
		).toEqual({
			rest_api_port: 9000,
			port: "none",
			enable_batching: true,
			enable_model_warmup: false,
			rest_api_enable_cors_support: true,
			load_retry_interval_micros: -1,
			max_body: 1_048_576,
			compat: "strict",
			per_process_gpu_memory_fraction: 0.5,
		});
	});

	test.each([
		[{ port: "-1" }, "cannot use --port -1: wanted a number from 0 to 65535"],
		[{ enableBatching: "yes" }, "--enable_batching yes: wanted true or false"],
		[{ maxNumLoadRetries: "5.5" }, "--max_num_load_retries 5.5"],
		[{ grpcMaxThreads: "99999999999" }, "--grpc_max_threads"],
		[{ restApiTimeoutInMs: "1e3" }, "--rest_api_timeout_in_ms 1e3"],
		[{ perProcessGpuMemoryFraction: "" }, "wanted a number"],
		[{ maxBody: "many" }, "cannot use --max-body many"],
		[{ compat: "text" }, "--compat text: wanted default or strict"],
	])("fails with INVALID for %j", (options, words) => {
		expect(() => readFlags(options)).toThrow(
			expect.objectContaining({
				code: "INVALID",
				message: expect.stringContaining(words),
			}),
		);
	});
});

test("a flag without a value does not take the next word for it", () => {
	expect(
		withSwitchValues([
			"serve",
			"--enable_batching",
			"./models",
			"--enable-profiler=false",
			"--xla-cpu-compilation-enabled",
			"--port",
			"1",
			"--",
			"--enable_batching",
		]),
	).toEqual([
		"serve",
		"--enable_batching=true",
		"./models",
		"--enable-profiler=false",
		"--xla-cpu-compilation-enabled=true",
		"--port",
		"1",
		"--",
		"--enable_batching",
	]);
});

describe("an unknown flag", () => {
	test.each([
		["--rest_api_prt=1", '"--rest_api_port"'],
		["--rest-api-prt=1", '"--rest-api-port"'],
		["--xla_gpu_compilation", '"--xla_gpu_compilation_enabled"'],
		["--quite", '"--quiet"'],
	])("stops the start: %s, nearest is %s", async (flag, nearest) => {
		const { code, stdout, stderr } = await runCli([
			"serve",
			"./models/digits",
			flag,
		]);
		expect([code, stdout]).toEqual([2, ""]);
		expect(stderr).toContain(
			`error: cannot read the command line: unknown option "${flag}"; the nearest are ${nearest}`,
		);
	});

	// main.cc prints it and goes on
	test("is told and passed over under strict", async () => {
		expect(splitArguments(["./m", "--x=1", "-y"], "strict")).toEqual({
			paths: ["./m"],
			unknown: ["--x=1", "-y"],
		});
		const { stderr } = await runCli([
			"serve",
			"./nowhere",
			"--no_such_flag=1",
			"--compat=strict",
		]);
		expect(stderr).toMatch(/^unknown argument: --no_such_flag=1\nerror: /);
	});
});

test("flags without effect are told with the reason, unless they say what holds anyway", () => {
	const said = {
		enable_profiler: false,
		enable_grpc_healthcheck_service: true,
	};
	expect(notesOf({ ...said, flush_filesystem_caches: true, port: 1 })).toEqual(
		[],
	);
	expect(
		notesOf({
			prefer_tflite_model: true,
			per_process_gpu_memory_fraction: 0.5,
		}),
	).toEqual([
		"--per_process_gpu_memory_fraction has no effect: models run on the CPU",
		"--prefer_tflite_model has no effect: files of TFLite are not run",
	]);
});

test("a flag that asks for safety that is not there is refused, not passed over", async () => {
	expect(refusalOf({ use_alts_credentials: false })).toBeUndefined();
	const { code, stderr } = await runCli([
		"serve",
		"./models/digits",
		"--use_alts_credentials",
	]);
	expect([code, stderr]).toEqual([
		5,
		expect.stringContaining("cannot use --use_alts_credentials: ALTS"),
	]);
});

test("variables are read as flags, but what Kubernetes tells of a Service named mlship is none", async () => {
	const of = async (port: string) =>
		(await runCli(["serve", "./nowhere"], { env: { MLSHIP_PORT: port } }))
			.stderr;
	expect(await of("tcp://10.0.0.1:8501")).toContain("nowhere");
	expect(await of("8500x")).toContain("cannot use --port 8500x");
});
