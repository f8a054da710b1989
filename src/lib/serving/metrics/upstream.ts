import { ERROR_CODES } from "../../errors.js";
import type { BatchReport } from "../batching/observer.js";
import type {
	Api,
	Ending,
	LoadReport,
	Trace,
	WarmUpReport,
} from "../observer.js";
import type { Instruments } from "./instruments.js";
import type { UPSTREAM_METRICS } from "./table.js";

/** A request that was answered, as the tables have it. */
export interface Answered {
	readonly trace: Trace;
	readonly ending: Ending;
	/** Empty where there is no such model. */
	readonly model: string;
	readonly seconds: number;
}

/** Counts as TensorFlow Serving does. */
export interface UpstreamObserver {
	answered(answered: Answered): void;
	batch(report: BatchReport): void;
	loaded(report: LoadReport): void;
	warmedUp(report: WarmUpReport): void;
}

export function upstreamObserver(
	metrics: Instruments<typeof UPSTREAM_METRICS>,
): UpstreamObserver {
	return {
		answered: (answered) => {
			countRequest(metrics, answered);
			countRun(metrics, answered);
		},
		batch: ({ pool, rows, waitedMicros, padding }) => {
			const sum = rows.reduce((total, count) => total + count, padding);
			metrics.wrappedRunCount.inc();
			metrics.processedBatchSize.observe(sum);
			metrics.paddingSize.observe({ execution_batch_size: sum }, padding);
			for (const count of rows) metrics.inputBatchSize.observe(count);
			for (const micros of waitedMicros)
				metrics.queuingLatency.observe({ thread_pool_name: pool }, micros);
		},
		loaded: ({ dir, seconds, error }) => {
			const status = error === undefined ? "success" : "fail";
			metrics.loadAttempts.inc({ model_path: dir, status });
			if (error === undefined)
				metrics.loadLatency.inc({ model_path: dir }, Math.round(seconds * 1e6));
		},
		warmedUp: ({ dir, records, seconds, error }) => {
			const status = error === undefined ? "OK" : ERROR_CODES[error.code].grpc;
			const labels = { model_path: dir, status };
			metrics.warmUpLatency.observe(labels, seconds * 1e6);
			if (records > 0) metrics.warmUpRecords.inc(labels, records);
		},
	};
}

/** Its names of what runs a model, as gRPC has them; over REST they are in lower case, and empty for all else. */
const APIS: { readonly [K in Api]?: string } = {
	predict: "Predict",
	classify: "Classify",
	regress: "Regress",
};

const V1 = /^\/v1\//i;

/** prediction_service_impl.cc, http_rest_api_handler.cc */
function countRequest(
	metrics: Instruments<typeof UPSTREAM_METRICS>,
	{ trace, ending, model, seconds }: Answered,
): void {
	const { protocol, path, api = "other" } = trace;
	const name = APIS[api];
	const isRest = protocol === "rest";
	if (isRest ? !V1.test(path) : name === undefined) return;
	metrics.requestCount.inc({ model_name: model, status: ending.code });
	if (ending.code !== "OK") return;
	const API = isRest && name !== undefined ? api : (name ?? "");
	const entrypoint = isRest ? "REST" : "GRPC";
	metrics.requestLatency.observe(
		{ model_name: model, API, entrypoint },
		seconds * 1e6,
	);
}

/** The runtime of the one that upstream's binary has: there is no other value that a dashboard could ask for. */
const RUNTIME = "TF1";

function countRun(
	metrics: Instruments<typeof UPSTREAM_METRICS>,
	{ trace, model }: Answered,
): void {
	const { api = "other", runMs, examples } = trace;
	if (runMs !== undefined)
		metrics.runtimeLatency.observe(
			{
				model_name: model,
				API: APIS[api] ?? "MultiInference",
				runtime: RUNTIME,
			},
			runMs * 1e3,
		);
	if (examples === undefined) return;
	metrics.exampleCounts.observe({ model }, examples);
	metrics.exampleCountTotal.inc({ model }, examples);
}
