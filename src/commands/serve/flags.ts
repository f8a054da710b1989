import { MAX_RANK } from "../../lib/tensor/tensor.js";
import {
	bool,
	bytes,
	count,
	duration,
	INT32_MAX,
	oneOf,
	type Reader,
	real,
	span,
	text,
	whole,
} from "../readers.js";

/** A flag of `serve`. */
export interface Flag<T = unknown> {
	readonly read: Reader<T>;
	/** What stands for its value in the help; a flag without one is `--x`, `--x=true` or `--x=false`. */
	readonly value?: string;
	/** What holds where the flag is not given; "" for nothing. */
	readonly default: string;
	/** What it does; where it is ignored or refused, what it does in TensorFlow Serving. */
	readonly about: string;
	/** Where the help shows it: first, with who may ask for how much, among the rest, or as a name only. */
	readonly group: "usual" | "access" | "rest" | "named";
	/** It is TensorFlow Serving's (main.cc), under this name. */
	readonly isUpstream?: true;
	/** TensorFlow Serving's default, where ours is another one. */
	readonly upstreamDefault?: string;
	/** It is taken and has no effect, for this reason. */
	readonly ignored?: string;
	/** What it may be set to without a word on that, beside its default. */
	readonly harmless?: string;
	/** It stops the start where it is true, for this reason. */
	readonly refused?: string;
}

function ours<T>(
	read: Reader<T>,
	about: string,
	rest: Pick<Flag, "value" | "default">,
): Flag<T> {
	return { read, about, group: "usual", ...rest };
}

function access<T>(
	read: Reader<T>,
	about: string,
	rest: Pick<Flag, "value" | "default">,
): Flag<T> {
	return { read, about, group: "access", ...rest };
}

function pemOf(about: string): Flag<string> {
	return access(text, about, { value: "<file>", default: "" });
}

function timeOf(about: string, standard: string): Flag<number> {
	return access(duration, about, { value: "<time>", default: standard });
}

function mostOf(about: string, standard: string): Flag<number> {
	return access(whole(1, INT32_MAX), about, {
		value: "<n>",
		default: standard,
	});
}

type Upstream = Partial<Omit<Flag, "read" | "about">>;

function upstream<T>(
	read: Reader<T>,
	about: string,
	rest: Upstream = {},
): Flag<T> {
	const defaults = { default: "", group: "rest", isUpstream: true } as const;
	return { read, about, ...defaults, ...rest };
}

/** A flag without a value that is off. */
function switchOf(about: string, rest: Upstream = {}): Flag<boolean> {
	return upstream(bool, about, { default: "false", ...rest });
}

function fileOf(about: string, rest: Upstream = {}): Flag<string> {
	return upstream(text, about, { value: "<file>", ...rest });
}

function countOf(about: string, rest: Upstream = {}): Flag<number> {
	return upstream(count, about, { value: "<n>", default: "0", ...rest });
}

const NO_GPU = "models run on the CPU";
const NO_TFLITE = "files of TFLite are not run";
const NO_XLA = "models are compiled by ONNX Runtime alone";
const OTHER_RUNTIME = "no TensorFlow session runs the models; see --threads";

/**
 * THE table of flags of `serve`, by name with underscores; each is known with dashes too. What TensorFlow Serving's flags
 * mean is said in main.cc and server.cc of its model_servers.
 */
export const FLAGS = {
	host: ours(text, "address to listen on", {
		value: "<address>",
		default: "127.0.0.1, in an image 0.0.0.0",
	}),
	rest_api_port: upstream(whole(0, 65_535), "port for REST, 0 for a free one", {
		value: "<port>",
		default: "8501",
		upstreamDefault: "0, which is none",
		group: "usual",
	}),
	port: upstream(grpcPort, "port for gRPC, 0 for none, auto for a free one", {
		value: "<port>",
		default: "8500",
		group: "usual",
	}),
	models: ours(text, "where models are", {
		value: "<dir>",
		default: "./models",
	}),
	versions: ours(text, "as many of the latest (2), a list (1,3) or all", {
		value: "<which>",
		default: "2",
	}),
	verify_manifest: ours(
		bool,
		"serve only versions whose bytes are those that version add noted",
		{ default: "false" },
	),
	model_name: upstream(text, "name of the one model that is served", {
		value: "<name>",
		default: "default",
		group: "usual",
	}),
	model_base_path: upstream(
		text,
		"folder of its versions, of which the latest is served",
		{ value: "<dir>", group: "usual" },
	),
	model_config_file: fileOf("models, versions and labels (ModelServerConfig)", {
		group: "usual",
	}),
	enable_batching: switchOf("put requests together as parameters say", {
		group: "usual",
	}),
	batching_parameters_file: fileOf("how (BatchingParameters)", {
		group: "usual",
	}),
	tag_set: ours(text, "the graph with these tags, as serve,gpu", {
		value: "<tags>",
		default: "serve, or the only one",
	}),
	engine: ours(text, "what runs models: auto, onnx, tfjs or tfjs-node", {
		value: "<name>",
		default: "auto",
	}),
	workers: ours(text, "requests that run side by side, per signature", {
		value: "<n>",
		default: "",
	}),
	threads: ours(text, "threads inside one run", { value: "<n>", default: "" }),
	max_body: ours(bytes, "largest request body", {
		value: "<bytes>",
		default: "64MiB",
	}),
	compat: ours(
		oneOf(["default", "strict"]),
		"strict: TensorFlow Serving's answers byte for byte, oddities too",
		{ value: "<mode>", default: "default" },
	),
	metrics_path: ours(text, "where Prometheus finds metrics, off for nowhere", {
		value: "<path>",
		default: "/metrics",
	}),
	access_log: ours(
		text,
		"a line of JSON a request, to a file or - for stdout",
		{
			value: "<file>",
			default: "none",
		},
	),
	tls_cert: pemOf("certificate in PEM, for HTTPS and for TLS of gRPC"),
	tls_key: pemOf("its key"),
	tls_client_ca: pemOf("let in clients with certificates of these alone"),
	token_file: pemOf("let in bearers of tokens alone, as the file says"),
	request_timeout: timeOf(
		"what one request may take, 0 for any time",
		"30s over REST, over gRPC what its caller says",
	),
	max_concurrency: mostOf("requests under way; more are refused", "1024"),
	max_elements: mostOf(
		"elements of one tensor in a request",
		"as many as --max-body has bytes",
	),
	max_rank: access(whole(0, MAX_RANK), "dimensions of one", {
		value: "<n>",
		default: String(MAX_RANK),
	}),
	max_header_size: access(bytes, "largest head of a REST request", {
		value: "<bytes>",
		default: "16KiB",
	}),
	max_headers: mostOf("header fields of one", "128"),
	header_timeout: timeOf("for a handshake, or the head of a request", "60s"),
	body_timeout: timeOf("for a request to arrive, 0 for any time", "300s"),
	answer_timeout: timeOf("for an answer to be taken", "300s"),
	drain_delay: timeOf(
		"after SIGTERM, take requests for so long while /readyz says no",
		"0s",
	),
	drain_timeout: timeOf("then finish what is under way within", "25s"),
	model_config_file_poll_wait_seconds: countOf(
		"read the configuration file again this often, 0 for never",
	),
	grpc_socket_path: upstream(text, "Unix socket for gRPC besides", {
		value: "<path>",
	}),
	rest_api_timeout_in_ms: upstream(
		span,
		"what one request may take, 0 for any time",
		{ value: "<ms>", default: "30000" },
	),
	rest_api_enable_cors_support: switchOf("let pages of other origins call"),
	enable_per_model_batching_parameters: switchOf(
		"read batching_params.pbtxt of each version",
	),
	allow_version_labels_for_unavailable_models: switchOf(
		"let labels point to versions that are not loaded yet",
	),
	num_load_threads: countOf("models that are loaded at a time, 0 for one"),
	max_num_load_retries: countOf("how often loading is tried again", {
		default: "5",
	}),
	load_retry_interval_micros: upstream(span, "pause between these", {
		value: "<us>",
		default: "60000000",
	}),
	file_system_poll_wait_seconds: upstream(
		span,
		"look for new versions this often, 0 for once",
		{ value: "<s>", default: "1" },
	),
	saved_model_tags: upstream(text, "as --tag-set", {
		value: "<tags>",
		default: "serve",
	}),
	tensorflow_session_parallelism: upstream(span, "both of the next", {
		value: "<n>",
		default: "0",
	}),
	tensorflow_intra_op_parallelism: upstream(span, "as --threads, 0 for auto", {
		value: "<n>",
		default: "0",
	}),
	tensorflow_inter_op_parallelism: upstream(span, "as --workers, 0 for auto", {
		value: "<n>",
		default: "0",
	}),
	ssl_config_file: fileOf("key and certificates for TLS (SSLConfig)"),
	monitoring_config_file: fileOf("path of metrics besides (MonitoringConfig)"),
	grpc_channel_arguments: upstream(text, "of gRPC, as key=value,key=value", {
		value: "<list>",
	}),
	grpc_max_threads: countOf("gRPC calls at once; more are refused", {
		default: "no limit",
		upstreamDefault: "4 a core",
	}),
	enable_model_warmup: upstream(bool, "run warm-up requests of versions", {
		default: "true",
	}),
	num_request_iterations_for_warmup: countOf("how often each, 0 for once"),
	enable_serialization_as_tensor_content: switchOf(
		"gRPC answers hold tensors as bytes",
	),
	rest_api_num_threads: countOf("threads that answer REST", {
		default: "4 a core",
		group: "named",
		ignored: "one thread reads and writes, and --workers run the models",
	}),
	num_unload_threads: countOf("versions that are unloaded at a time", {
		group: "named",
		ignored: "versions are unloaded side by side",
	}),
	flush_filesystem_caches: upstream(bool, "forget files of a loaded version", {
		default: "true",
		group: "named",
		ignored: "the system forgets them when it needs the memory",
	}),
	tensorflow_session_config_file: fileOf("ConfigProto of sessions", {
		group: "named",
		ignored: OTHER_RUNTIME,
	}),
	platform_config_file: fileOf("PlatformConfigMap in place of other flags", {
		group: "named",
		ignored: "it describes TensorFlow's sessions; the other flags hold",
	}),
	thread_pool_factory_config_file: fileOf("threads of sessions", {
		group: "named",
		ignored: OTHER_RUNTIME,
	}),
	per_process_gpu_memory_fraction: upstream(real, "memory of a GPU to take", {
		value: "<part>",
		default: "0",
		group: "named",
		ignored: NO_GPU,
	}),
	remove_unused_fields_from_bundle_metagraph: upstream(
		bool,
		"keep signatures alone of a graph",
		{
			default: "true",
			group: "named",
			ignored: "signatures alone are kept in any case",
		},
	),
	prefer_tflite_model: switchOf("run model.tflite of a version", {
		group: "named",
		ignored: NO_TFLITE,
	}),
	num_tflite_pools: countOf("of TFLite's interpreters", {
		default: "1 a core",
		group: "named",
		ignored: NO_TFLITE,
	}),
	num_tflite_interpreters_per_pool: countOf("of TFLite's interpreters", {
		default: "1",
		group: "named",
		ignored: NO_TFLITE,
	}),
	enable_signature_method_name_check: switchOf(
		"refuse signatures by the method that they name",
		{
			group: "named",
			ignored: "signatures answer what their inputs and outputs allow",
		},
	),
	xla_cpu_compilation_enabled: switchOf("compile by XLA", {
		group: "named",
		ignored: NO_XLA,
	}),
	xla_gpu_compilation_enabled: switchOf("compile by XLA", {
		group: "named",
		ignored: NO_XLA,
	}),
	enable_profiler: upstream(bool, "let TensorFlow's profiler connect", {
		default: "true",
		harmless: "false",
		group: "named",
		ignored: "there is no profiler of TensorFlow",
	}),
	mixed_precision: upstream(text, "bfloat16 computes in that type", {
		value: "<type>",
		group: "named",
		ignored: "models are computed in the types that they were saved in",
	}),
	skip_initialize_tpu: switchOf("leave the TPU alone", {
		harmless: "true",
		group: "named",
		ignored: "there is no TPU",
	}),
	enable_grpc_healthcheck_service: switchOf("answer grpc.health.v1", {
		harmless: "true",
		group: "named",
		ignored: "it is answered in any case",
	}),
	use_alts_credentials: switchOf("identify peers by Google's ALTS", {
		group: "named",
		refused: "ALTS needs Google's machines; --ssl_config_file has TLS",
	}),
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof FLAGS;

/** By name with underscores; what was not given is left out. */
export type FlagValues = {
	readonly [Name in FlagName]?: ReturnType<(typeof FLAGS)[Name]["read"]>;
};

/** TensorFlow Serving has 0 for none, where other servers take a free one. */
function grpcPort(value: string, flag: string): number | "none" {
	if (value === "auto") return 0;
	const port = whole(0, 65_535)(value, flag);
	return port === 0 ? "none" : port;
}
