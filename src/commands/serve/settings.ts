import { availableParallelism } from "node:os";
import { ENGINE_NAMES } from "../../lib/engines/index.js";
import { fail } from "../../lib/errors.js";
import { nearest, quoted } from "../../lib/nearest.js";
import { parseTags } from "../../lib/savedmodel/read.js";
import type { LoadOptions } from "../../lib/serving/load.js";
import {
	parseVersionPolicy,
	type VersionPolicy,
} from "../../lib/serving/versions.js";
import type { WatchOptions } from "../../lib/serving/watch.js";
import type { ServeOptions } from "../serve.js";
import { type GrpcSettings, readGrpcSettings } from "./grpc.js";

/** The options of `serve`, read and checked. */
export interface ServeSettings {
	readonly address: string;
	readonly port: number;
	readonly maxBody: number;
	readonly cors: boolean;
	readonly policy: VersionPolicy;
	readonly load: LoadOptions;
	readonly watch: WatchOptions;
	/** Between two looks at the folders of models, in milliseconds; 0 for one look only. */
	readonly pollMs: number;
	readonly grpc: GrpcSettings;
}

/** Reads the options; fails with INVALID, what is wanted being said. */
export function readSettings(options: ServeOptions): ServeSettings {
	const { versions, engine, workers, threads, tagSet } = options;
	const tags = parseTags(tagSet);
	return {
		address: readAddress(options.host),
		port: readPort(options.restApiPort),
		maxBody: readBytes(options.maxBody),
		cors: readFlag(options.rest_api_enable_cors_support),
		policy: readPolicy(versions, options.modelBasePath),
		watch: {
			retries: readWhole(
				"--max_num_load_retries",
				options.max_num_load_retries ?? "5",
			),
			retryMs:
				readWhole(
					"--load_retry_interval_micros",
					options.load_retry_interval_micros ?? "60000000",
				) / 1000,
			allowsUnavailableLabels: readFlag(
				options.allow_version_labels_for_unavailable_models,
			),
		},
		pollMs:
			1000 *
			Math.max(
				0,
				readWhole(
					"--file_system_poll_wait_seconds",
					options.file_system_poll_wait_seconds ?? "1",
				),
			),
		load: {
			...(tags && { tags }),
			...(engine && { engine: readEngine(engine) }),
			...(workers && { workers: readCount("--workers", workers) }),
			...(threads && { threads: readCount("--threads", threads) }),
		},
		grpc: readGrpcSettings(options),
	};
}

/** By name a machine has two addresses, IPv4 and IPv6, of which one is enough. */
function readAddress(host = "127.0.0.1"): string {
	return host === "localhost" ? "127.0.0.1" : host.replace(/^\[(.*)\]$/, "$1");
}

function readPort(text = "8501"): number {
	const port = Number(text);
	if (!/^\d+$/.test(text) || port > 65_535)
		throw fail(
			"INVALID",
			`cannot listen on port "${text}": a number from 0 to 65535 is wanted`,
		);
	return port;
}

/** TensorFlow Serving's own flags keep its default of one. */
function readPolicy(
	text: string | undefined,
	basePath: string | undefined,
): VersionPolicy {
	if (text !== undefined) return parseVersionPolicy(text);
	return { latest: basePath === undefined ? 2 : 1 };
}

const UNITS: Readonly<Record<string, number>> = {
	"": 1,
	b: 1,
	k: 1024,
	kb: 1000,
	kib: 1024,
	m: 1024 ** 2,
	mb: 1000 ** 2,
	mib: 1024 ** 2,
	g: 1024 ** 3,
	gb: 1000 ** 3,
	gib: 1024 ** 3,
};

/** Node's largest buffer is larger, but not by much on all platforms. */
const MAX_BODY = 2 ** 31 - 1;

function readBytes(text = "64MiB"): number {
	const [, digits, unit = ""] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
	const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
	if (!(bytes > 0 && bytes <= MAX_BODY))
		throw fail(
			"INVALID",
			`cannot limit bodies to "${text}": bytes from 1 to ${MAX_BODY} are wanted, as 1048576 or 64MiB`,
		);
	return bytes;
}

function readCount(option: string, text: string): number {
	const count = Number(text);
	const most = 16 * availableParallelism();
	if (!/^\d+$/.test(text) || count < 1 || count > most)
		throw fail(
			"INVALID",
			`cannot use ${option} ${text}: a number from 1 to ${most} is wanted on this machine`,
		);
	return count;
}

/** Below zero TensorFlow Serving takes it for never, or for no wait. */
function readWhole(option: string, text: string): number {
	if (!/^-?\d{1,15}$/.test(text))
		throw fail(
			"INVALID",
			`cannot use ${option} ${text}: a whole number is wanted`,
		);
	return Number(text);
}

function readEngine(name: string): string {
	if (!ENGINE_NAMES.includes(name))
		throw fail(
			"INVALID",
			`cannot use engine "${name}": the engines are ${quoted(nearest(name, ENGINE_NAMES))}`,
		);
	return name;
}

/** As TensorFlow's flags: bare, or with a value (command_line_flags.cc). */
function readFlag(value: string | boolean | undefined): boolean {
	return value !== undefined && value !== "false" && value !== "0";
}
