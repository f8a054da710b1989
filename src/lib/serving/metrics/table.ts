/** A metric: its labels, and for a distribution the limits of its buckets. */
export interface MetricRow {
	readonly name: string;
	readonly type: "counter" | "gauge" | "histogram";
	readonly labels: readonly string[];
	/** What it counts, and in which unit. */
	readonly about: string;
	readonly buckets?: readonly number[];
}

/** As many limits, each so many times the one before; written with six digits, as TensorFlow's exporter writes them. */
function exponential(scale: number, growth: number, count: number): number[] {
	return Array.from({ length: count }, (_, i) =>
		Number((scale * growth ** i).toPrecision(6)),
	);
}

/** Up to 20 minutes. */
const MICROS = exponential(10, 1.8, 33);
const ROWS = exponential(1, 2, 14);

/** What happens with each request: TensorFlow Serving's and our own. */
export const REQUEST_METRICS = {
	requestCount: {
		name: ":tensorflow:serving:request_count",
		type: "counter",
		labels: ["model_name", "status"],
		about: "requests over REST, and Predict, Classify, Regress over gRPC",
	},
	requestLatency: {
		name: ":tensorflow:serving:request_latency",
		type: "histogram",
		labels: ["model_name", "API", "entrypoint"],
		about: "microseconds of those that were answered",
		buckets: MICROS,
	},
	runtimeLatency: {
		name: ":tensorflow:serving:runtime_latency",
		type: "histogram",
		labels: ["model_name", "API", "runtime"],
		about: "microseconds that the model took of them",
		buckets: MICROS,
	},
	requests: {
		name: "mlship_requests_total",
		type: "counter",
		labels: ["model", "version", "protocol", "api", "code"],
		about: "requests of any kind",
	},
	duration: {
		name: "mlship_request_duration_seconds",
		type: "histogram",
		labels: ["model", "version", "protocol", "api"],
		about: "from when a request was read until its answer was handed over",
		buckets: [
			0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
			5, 10, 30,
		],
	},
} as const satisfies Readonly<Record<string, MetricRow>>;

/** What happens with each batch. */
export const BATCH_METRICS = {
	queuingLatency: {
		name: ":tensorflow:serving:batching_session:queuing_latency",
		type: "histogram",
		labels: ["thread_pool_name"],
		about: "microseconds that a request waited for its batch",
		buckets: exponential(100, 1.2, 52),
	},
	wrappedRunCount: {
		name: ":tensorflow:serving:batching_session:wrapped_run_count",
		type: "counter",
		labels: [],
		about: "batches",
	},
	paddingSize: {
		name: ":tensorflow:serving:batching_session:padding_size",
		type: "histogram",
		labels: ["execution_batch_size"],
		about: "rows that a batch was filled up with",
		buckets: ROWS,
	},
	inputBatchSize: {
		name: ":tensorflow:serving:batching_session:input_batch_size",
		type: "histogram",
		labels: [],
		about: "rows of a request in a batch",
		buckets: ROWS,
	},
	processedBatchSize: {
		name: ":tensorflow:serving:batching_session:processed_batch_size",
		type: "histogram",
		labels: [],
		about: "rows of a batch, with those that it was filled up with",
		buckets: ROWS,
	},
} as const satisfies Readonly<Record<string, MetricRow>>;

/**
 * TensorFlow Serving's metrics, by the names that its exporter makes of them (prometheus_exporter.cc: what is no letter, digit
 * or underscore becomes a colon), with its labels and limits.
 */
export const UPSTREAM_METRICS = {
	exampleCounts: {
		name: ":tensorflow:serving:request_example_counts",
		type: "histogram",
		labels: ["model"],
		about: "examples of a request",
		buckets: exponential(1, 2, 15),
	},
	exampleCountTotal: {
		name: ":tensorflow:serving:request_example_count_total",
		type: "counter",
		labels: ["model"],
		about: "examples",
	},
	warmUpLatency: {
		name: ":tensorflow:serving:model_warmup_latency",
		type: "histogram",
		labels: ["model_path", "status"],
		about: "microseconds that a version's warm-up requests took",
		buckets: MICROS,
	},
	warmUpRecords: {
		name: ":tensorflow:serving:model_warmup_records_read",
		type: "counter",
		labels: ["model_path", "status"],
		about: "warm-up requests that were run",
	},
	loadAttempts: {
		name: ":tensorflow:cc:saved_model:load_attempt_count",
		type: "counter",
		labels: ["model_path", "status"],
		about: "versions that were loaded (success) or not (fail)",
	},
	loadLatency: {
		name: ":tensorflow:cc:saved_model:load_latency",
		type: "counter",
		labels: ["model_path"],
		about: "microseconds that loading took in all, where it succeeded",
	},
} as const satisfies Readonly<Record<string, MetricRow>>;

/** What TensorFlow Serving does not tell. */
export const OWN_METRICS = {
	inFlight: {
		name: "mlship_requests_in_flight",
		type: "gauge",
		labels: ["protocol"],
		about: "requests that are being answered",
	},
	bytesIn: {
		name: "mlship_request_bytes_total",
		type: "counter",
		labels: ["protocol"],
		about: "bytes of bodies, unzipped",
	},
	bytesOut: {
		name: "mlship_response_bytes_total",
		type: "counter",
		labels: ["protocol"],
		about: "bytes of answers",
	},
	queued: {
		name: "mlship_queued_requests",
		type: "gauge",
		labels: ["pool"],
		about: "requests that wait for a batch",
	},
	loads: {
		name: "mlship_loads_total",
		type: "counter",
		labels: ["model", "code"],
		about: "versions that were tried",
	},
	loadDuration: {
		name: "mlship_load_duration_seconds",
		type: "histogram",
		labels: ["model"],
		about: "what it took to load a version, its turn and warm-up included",
		buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
	},
	versions: {
		name: "mlship_versions",
		type: "gauge",
		labels: ["model", "version", "state"],
		about: "1 for each version, in the state that it is in",
	},
	ready: {
		name: "mlship_ready",
		type: "gauge",
		labels: [],
		about: "whether /readyz says so",
	},
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Of the process; the names are those that Prometheus' clients have for them. */
export const PROCESS_METRICS = {
	cpu: {
		name: "process_cpu_seconds_total",
		type: "counter",
		labels: [],
		about: "processor time, threads included",
	},
	started: {
		name: "process_start_time_seconds",
		type: "gauge",
		labels: [],
		about: "when it was started, since 1970",
	},
	resident: {
		name: "process_resident_memory_bytes",
		type: "gauge",
		labels: [],
		about: "memory that it holds (RSS), models included",
	},
	heapUsed: {
		name: "nodejs_heap_size_used_bytes",
		type: "gauge",
		labels: [],
		about: "JavaScript's heap of the main thread, used",
	},
	heapTotal: {
		name: "nodejs_heap_size_total_bytes",
		type: "gauge",
		labels: [],
		about: "the same, as it was taken from the system",
	},
	external: {
		name: "nodejs_external_memory_bytes",
		type: "gauge",
		labels: [],
		about: "buffers of the main thread",
	},
	lagMean: {
		name: "nodejs_eventloop_lag_mean_seconds",
		type: "gauge",
		labels: [],
		about:
			"how late timers of the main thread were since the last look, on average",
	},
	lagP99: {
		name: "nodejs_eventloop_lag_p99_seconds",
		type: "gauge",
		labels: [],
		about: "the same, all but one of a hundred",
	},
	lagMax: {
		name: "nodejs_eventloop_lag_max_seconds",
		type: "gauge",
		labels: [],
		about: "the same, the latest",
	},
} as const satisfies Readonly<Record<string, MetricRow>>;
