import { Registry } from "prom-client";
import { ERROR_CODES } from "../../errors.js";
import type { VersionEntry } from "../../repository/list.js";
import type { QueueGauge } from "../batching/observer.js";
import type { VersionState } from "../host.js";
import type { LoadReport, Observer, Trace } from "../observer.js";
import { Batches } from "./batches.js";
import { Gone } from "./gone.js";
import { type Instruments, instrumentsOf } from "./instruments.js";
import { type Counted, pageOf } from "./page.js";
import { openProcessFigures } from "./process-figures.js";
import { Requests } from "./requests.js";
import { OWN_METRICS, UPSTREAM_METRICS } from "./table.js";
import { Traffic } from "./traffic.js";
import { upstreamObserver } from "./upstream.js";

/** What is looked at when somebody asks. */
export interface MetricsSources {
	/** Whether there is such a model: others' names are not counted by, as callers might make up any number of them. */
	knows(model: string): boolean;
	versions(): Iterable<
		VersionEntry & { readonly model: string; readonly state: VersionState }
	>;
	isReady(): boolean;
}

/** Counts what it is told, for Prometheus to read. Has a lifetime. */
export interface Metrics extends Required<Observer> {
	/** Prometheus' text. */
	text(): Promise<string>;
	/** What a counter's first cell has, by the name of TensorFlow Serving or of its page; 0 where there is none. */
	value(name: string): Promise<number>;
	close(): void;
}

export function openMetrics(sources: MetricsSources): Metrics {
	const registry = new Registry();
	const theirs = instrumentsOf(registry, UPSTREAM_METRICS);
	const own = instrumentsOf(registry, OWN_METRICS);
	const requests = new Requests();
	const batches = new Batches();
	const counted = () => [...requests.counted(), ...batches.counted()];
	const figures = openProcessFigures(registry);
	const upstream = upstreamObserver(theirs);
	const traffic = new Traffic();
	const queues = new Set<QueueGauge>();
	const gone = new Gone(
		[...Object.values(theirs), ...Object.values(own)],
		requests,
		sources.versions,
	);
	return {
		...upstream,
		began: ({ protocol }) => traffic.began(protocol),
		ended: (trace, ending) => {
			traffic.ended(trace, ending);
			const seconds = (performance.now() - trace.since) / 1000;
			const model = modelOf(trace, sources);
			requests.count(trace, ending, model, seconds);
			upstream.answered(trace, model);
		},
		batch: (report) => batches.add(report),
		queue: (gauge) => {
			queues.add(gauge);
			return () => {
				queues.delete(gauge);
			};
		},
		loaded: (report) => {
			countLoad(own, report);
			upstream.loaded(report);
		},
		unloaded: (version) => void gone.add(version),
		text: async () => {
			traffic.show(own);
			showQueues(own, queues);
			showVersions(own, sources);
			figures.update();
			const others = (await registry.getMetricsAsJSON()) as Counted[];
			return pageOf([...counted(), ...others]);
		},
		value: async (name) => {
			const exported = exportedName(name);
			const found = counted().find((metric) => metric.name === exported);
			return firstOf(
				found ?? (await registry.getSingleMetric(exported)?.get()),
			);
		},
		close: figures.close,
	};
}

/** A distribution has no one value. */
function firstOf(
	metric:
		| {
				readonly type: Counted["type"];
				readonly values: readonly { readonly value: number }[];
		  }
		| undefined,
): number {
	if (metric === undefined || metric.type === "histogram") return 0;
	return metric.values[0]?.value ?? 0;
}

/** Empty for one that is not there. */
function modelOf({ model, version }: Trace, { knows }: MetricsSources): string {
	return model !== undefined && (version !== undefined || knows(model))
		? model
		: "";
}

type Own = Instruments<typeof OWN_METRICS>;

function countLoad(own: Own, { model, seconds, error }: LoadReport): void {
	const code = error === undefined ? "OK" : ERROR_CODES[error.code].grpc;
	own.loads.inc({ model, code });
	if (error === undefined) own.loadDuration.observe({ model }, seconds);
}

function showQueues({ queued }: Own, queues: Iterable<QueueGauge>): void {
	queued.reset();
	for (const { pool, waiting } of queues) queued.inc({ pool }, waiting());
}

function showVersions({ versions, ready }: Own, sources: MetricsSources): void {
	versions.reset();
	for (const { model, version, state } of sources.versions())
		versions.set({ model, version: String(version), state }, 1);
	ready.set(sources.isReady() ? 1 : 0);
}

/** prometheus_exporter.cc, GetPrometheusMetricName */
function exportedName(name: string): string {
	return name.replaceAll(/[^a-zA-Z0-9_]/g, ":").replace(/^(?=\d)/, "_");
}
