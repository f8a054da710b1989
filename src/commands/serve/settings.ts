import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { ENGINE_NAMES } from "../../lib/engines/index.js";
import { fail } from "../../lib/errors.js";
import { nearest, quoted } from "../../lib/nearest.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import type { BatchingChoice } from "../../lib/serving/batching/batcher.js";
import {
	type BatchingParameters,
	defaultBatching,
	readBatchingFile,
} from "../../lib/serving/config/batching.js";
import {
	isPagePath,
	readMonitoringFile,
} from "../../lib/serving/config/monitoring.js";
import type { LoadOptions } from "../../lib/serving/load.js";
import type { MetricsPage } from "../../lib/serving/rest/metrics.js";
import {
	parseVersionPolicy,
	type VersionPolicy,
} from "../../lib/serving/versions.js";
import type { WarmUpOptions } from "../../lib/serving/warm-up.js";
import type { WatchOptions } from "../../lib/serving/watch.js";
import type { TensorBounds } from "../../lib/tensor/bounds.js";
import type { Compat } from "../../lib/tensor/json/source.js";
import { MAX_RANK } from "../../lib/tensor/tensor.js";
import type { CommandContext } from "../context.js";
import type { FlagValues } from "./flags.js";
import { type GrpcSettings, grpcSettings } from "./grpc.js";
import { isInImage, surroundings } from "./image.js";
import { refusalOf } from "./options.js";

/** The flags of `serve`, checked, with the files that they name. */
export interface ServeSettings {
	readonly compat: Compat;
	readonly address: string;
	readonly port: number;
	readonly maxBody: number;
	/** Of each tensor of a request. */
	readonly bounds: TensorBounds;
	readonly cors: boolean;
	/** What one request over REST may take, in milliseconds; 0 or less for any time. */
	readonly timeoutMs: number;
	readonly policy: VersionPolicy;
	readonly load: LoadOptions;
	readonly batching: BatchingChoice;
	readonly grpc: GrpcSettings;
	readonly watch: WatchOptions;
	/** Undefined where versions are not warmed up. */
	readonly warmUp: Pick<WarmUpOptions, "iterations"> | undefined;
	/** Between two looks at the folders of models, in milliseconds; 0 for one look only. */
	readonly pollMs: number;
	/** Between two readings of the configuration file, in milliseconds; 0 for one only. */
	readonly configPollMs: number;
	/** Where Prometheus finds metrics. */
	readonly metrics: Omit<MetricsPage, "text">;
	/** Versions that are loaded at a time; 0 for one. */
	readonly loadsAtOnce: number;
	/** The file of the access log, or `-`; undefined for none. */
	readonly accessLog: string | undefined;
}

/** Checks the flags and reads their files; fails with INVALID, what is wanted being said. */
export function readSettings(
	flags: FlagValues,
	{ env, cwd }: Pick<CommandContext, "env" | "cwd">,
): ServeSettings {
	const refusal = refusalOf(flags);
	if (refusal !== undefined) throw fail("UNSUPPORTED", `cannot use ${refusal}`);
	const { compat = "default", max_body } = flags;
	const read = <T>(path: string | undefined, reader: (path: string) => T) =>
		path ? reader(resolve(cwd, path)) : undefined;
	return {
		compat,
		address: readAddress(flags.host, env),
		port: flags.rest_api_port ?? 8501,
		maxBody: max_body ?? MAX_BODY,
		bounds: {
			rank: flags.max_rank ?? MAX_RANK,
			elements: flags.max_elements ?? max_body ?? MAX_BODY,
		},
		cors: flags.rest_api_enable_cors_support ?? false,
		timeoutMs: flags.rest_api_timeout_in_ms ?? flags.request_timeout ?? 30_000,
		policy: readPolicy(flags),
		load: readLoad(flags),
		batching: readBatching(flags, compat, (path) =>
			readBatchingFile(resolve(cwd, path)),
		),
		grpc: grpcSettings(flags),
		watch: {
			retries: flags.max_num_load_retries ?? 5,
			retryMs: (flags.load_retry_interval_micros ?? 60_000_000) / 1000,
			strict: compat === "strict",
			allowsUnavailableLabels:
				flags.allow_version_labels_for_unavailable_models ?? false,
		},
		warmUp:
			(flags.enable_model_warmup ?? true)
				? { iterations: flags.num_request_iterations_for_warmup ?? 0 }
				: undefined,
		// negative is never in TensorFlow Serving
		pollMs: 1000 * Math.max(0, flags.file_system_poll_wait_seconds ?? 1),
		configPollMs: 1000 * (flags.model_config_file_poll_wait_seconds ?? 0),
		metrics: {
			configuredPath: read(flags.monitoring_config_file, readMonitoringFile)
				?.prometheusPath,
			path: readMetricsPath(flags),
		},
		loadsAtOnce: flags.num_load_threads ?? 0,
		accessLog: readLogPlace(flags, cwd),
	};
}

const MAX_BODY = 64 * 1024 ** 2;

function readMetricsPath({
	metrics_path: path = "/metrics",
}: FlagValues): string | undefined {
	if (path === "off") return undefined;
	if (isPagePath(path)) return path;
	throw fail(
		"INVALID",
		`cannot use --metrics-path ${path}: a path as /metrics is wanted, or off`,
	);
}

function readLogPlace(
	{ access_log: place = "none" }: FlagValues,
	cwd: string,
): string | undefined {
	if (["none", "off", ""].includes(place)) return undefined;
	return place === "-" ? place : resolve(cwd, place);
}

/** By name a machine has two addresses, IPv4 and IPv6, of which one is enough. */
function readAddress(
	host: string | undefined,
	env: Readonly<Record<string, string | undefined>>,
): string {
	if (host === undefined)
		return isInImage(surroundings(env)) ? "0.0.0.0" : LOOPBACK;
	return host === "localhost" ? LOOPBACK : host.replace(/^\[(.*)\]$/, "$1");
}

const LOOPBACK = "127.0.0.1";

/** TensorFlow Serving's own flags keep its default of one. */
function readPolicy({ versions, model_base_path }: FlagValues): VersionPolicy {
	if (versions !== undefined) return parseVersionPolicy(versions);
	return { latest: model_base_path === undefined ? 2 : 1 };
}

function readLoad(flags: FlagValues): LoadOptions {
	const { engine } = flags;
	const tags = parseTags(flags.tag_set ?? flags.saved_model_tags);
	const { threads, workers } = readParallelism(flags);
	return {
		...(tags && { tags }),
		...(engine && { engine: readEngine(engine) }),
		...(workers && { workers }),
		...(threads && { threads }),
	};
}

/** What runs at a time; TensorFlow's numbers are cut to what the machine can do, 0 leaves the choice. */
function readParallelism(flags: FlagValues): {
	readonly threads: number;
	readonly workers: number;
} {
	const {
		tensorflow_session_parallelism: both = 0,
		tensorflow_intra_op_parallelism: inside = 0,
		tensorflow_inter_op_parallelism: beside = 0,
	} = flags;
	if (both !== 0 && inside !== 0 && beside !== 0)
		throw fail(
			"INVALID",
			"cannot use --tensorflow_session_parallelism beside --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism: it means both of them",
		);
	return {
		threads: readCount("--threads", flags.threads) ?? cut(inside || both),
		workers: readCount("--workers", flags.workers) ?? cut(beside || both),
	};
}

/** Negative ones let TensorFlow's caller do the work. */
function cut(count: number): number {
	return count < 0 ? 1 : Math.min(count, mostThreads());
}

function mostThreads(): number {
	return 16 * availableParallelism();
}

function readCount(
	option: string,
	text: string | undefined,
): number | undefined {
	if (text === undefined) return undefined;
	const count = Number(text);
	const most = mostThreads();
	if (!/^\d+$/.test(text) || count < 1 || count > most)
		throw fail(
			"INVALID",
			`cannot use ${option} ${text}: a number from 1 to ${most} is wanted on this machine`,
		);
	return count;
}

function readEngine(name: string): string {
	if (!ENGINE_NAMES.includes(name))
		throw fail(
			"INVALID",
			`cannot use engine "${name}": the engines are ${quoted(nearest(name, ENGINE_NAMES))}`,
		);
	return name;
}

/** Where nobody asks for batches, they are made where no answer shows it. */
export function readBatching(
	flags: FlagValues,
	compat: Compat,
	read: (path: string) => BatchingParameters,
): BatchingChoice {
	const { enable_batching, batching_parameters_file: file } = flags;
	const perVersion = flags.enable_per_model_batching_parameters ?? false;
	if (enable_batching === true)
		return {
			kind: "asked",
			parameters: file ? read(file) : defaultBatching(),
			perVersion,
		};
	// server.cc
	if (file)
		throw fail(
			"INVALID",
			"server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
			{ hint: "add --enable_batching" },
		);
	const isOff = enable_batching === false || compat === "strict";
	return { kind: isOff ? "off" : "automatic" };
}
