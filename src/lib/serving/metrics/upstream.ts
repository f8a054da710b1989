import { ERROR_CODES } from "../../errors.js";
import type { LoadReport, Trace, WarmUpReport } from "../observer.js";
import type { Instruments } from "./instruments.js";
import type { UPSTREAM_METRICS } from "./table.js";

/** Counts as TensorFlow Serving does. */
export interface UpstreamObserver {
	/** A request that was answered, of a model; empty where there is no such model. */
	answered(trace: Trace, model: string): void;
	loaded(report: LoadReport): void;
	warmedUp(report: WarmUpReport): void;
}

export function upstreamObserver(
	metrics: Instruments<typeof UPSTREAM_METRICS>,
): UpstreamObserver {
	return {
		answered: ({ examples }, model) => {
			if (examples === undefined) return;
			metrics.exampleCounts.observe({ model }, examples);
			metrics.exampleCountTotal.inc({ model }, examples);
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
