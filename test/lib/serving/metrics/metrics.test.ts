import { afterEach, describe, expect, test } from "vitest";
import { fail } from "../../../../src/lib/errors.js";
import {
	type Metrics,
	type MetricsSources,
	openMetrics,
} from "../../../../src/lib/serving/metrics/metrics.js";
import type { Trace } from "../../../../src/lib/serving/observer.js";
import { samplesOf, valueIn } from "./samples.js";

type Versions =
	ReturnType<MetricsSources["versions"]> extends Iterable<infer Version>
		? Version[]
		: never;

let opened: Metrics[] = [];
afterEach(() => {
	for (const metrics of opened) metrics.close();
	opened = [];
});

describe("openMetrics()", () => {
	test("counts requests by TensorFlow Serving's names and labels", async () => {
		const metrics = open();
		ended(metrics, { version: 1n });
		ended(metrics, { version: 1n });
		ended(metrics, {}, "INVALID_ARGUMENT");
		ended(metrics, { protocol: "grpc", api: "predict", version: 1n });
		const page = await metrics.text();
		const count = ":tensorflow:serving:request_count";
		expect(valueIn(page, count, { model_name: "m", status: "OK" })).toBe(3);
		expect(
			valueIn(page, count, { model_name: "m", status: "INVALID_ARGUMENT" }),
		).toBe(1);
		const latency = ":tensorflow:serving:request_latency_count";
		const labels = { model_name: "m", API: "predict", entrypoint: "REST" };
		expect(valueIn(page, latency, labels)).toBe(2);
		const grpc = { model_name: "m", API: "Predict", entrypoint: "GRPC" };
		expect(valueIn(page, latency, grpc)).toBe(1);
	});

	test.each([
		["rest", "status", "/v1/models/m", 1],
		["rest", "other", "/v1/models", 1],
		["rest", "other", "/favicon.ico", undefined],
		["grpc", "multi_inference", "/s/MultiInference", undefined],
		["grpc", "metadata", "/s/GetModelMetadata", undefined],
	] as const)(
		"counts a request over %s for %s at %s as TensorFlow Serving does",
		async (protocol, api, path, count) => {
			const metrics = open();
			ended(metrics, { protocol, api, path });
			const page = await metrics.text();
			expect(valueIn(page, ":tensorflow:serving:request_count")).toBe(count);
			expect(valueIn(page, "mlship_requests_total", { api, protocol })).toBe(1);
		},
	);

	test("has the limits of TensorFlow Serving's distributions", async () => {
		const metrics = open();
		ended(metrics, { version: 1n });
		const limits = samplesOf(await metrics.text())
			.filter(
				({ name }) => name === ":tensorflow:serving:request_latency_bucket",
			)
			.map(({ labels }) => labels.le);
		// monitoring::Buckets::Exponential(10, 1.8, 33), printed by absl::StrCat
		expect(limits).toHaveLength(34);
		expect(limits.slice(0, 6)).toEqual(
			"10 18 32.4 58.32 104.976 188.957".split(" "),
		);
		expect(limits[20]).toBe("1.27482e+06");
		expect(limits[33]).toBe("+Inf");
	});

	test("tells versions apart, also where they fail", async () => {
		const metrics = open();
		ended(metrics, { version: 1n });
		ended(metrics, { version: 2n });
		ended(metrics, { version: 2n }, "INTERNAL");
		const page = await metrics.text();
		const duration = "mlship_request_duration_seconds_count";
		expect(valueIn(page, duration, { model: "m", version: "1" })).toBe(1);
		expect(valueIn(page, duration, { model: "m", version: "2" })).toBe(2);
		expect(
			valueIn(page, "mlship_requests_total", {
				version: "2",
				code: "INTERNAL",
			}),
		).toBe(1);
	});

	test("makes no labels of names that callers make up", async () => {
		const metrics = open();
		for (let i = 0; i < 100; i++)
			ended(metrics, { model: `made-up-${i}` }, "NOT_FOUND");
		const page = await metrics.text();
		expect(page).not.toContain("made-up");
		expect(valueIn(page, "mlship_requests_total", { model: "" })).toBe(100);
		expect(
			valueIn(page, ":tensorflow:serving:request_count", { model_name: "" }),
		).toBe(100);
	});

	test("forgets versions that are long gone, and models with their last one", async () => {
		const versions: Versions = [];
		const metrics = open(versions);
		const come = (model: string, version: bigint) => {
			const entry = { model, version, dir: `/${model}/${version}` };
			versions.push({ ...entry, state: "AVAILABLE" });
			metrics.loaded({ ...entry, seconds: 1 });
			ended(metrics, { model, version });
		};
		const go = async () => {
			const [gone] = versions.splice(0, 1);
			metrics.unloaded(gone);
			await metrics.text();
		};
		come("once", 1n);
		await go();
		for (let version = 1n; version <= 50n; version++) {
			come("m", version);
			if (version > 1n) await go();
		}
		const page = await metrics.text();
		expect(page).not.toContain("once");
		const told = samplesOf(page)
			.filter(({ name }) => name === "mlship_requests_total")
			.map(({ labels }) => Number(labels.version));
		expect(told).toContain(50);
		expect(told).toContain(49);
		expect(told).not.toContain(1);
		expect(told.length).toBeLessThan(25);
		const paths = new Set(samplesOf(page).map((s) => s.labels.model_path));
		expect(paths.size).toBeLessThan(25);
		// what is not told by version goes on
		expect(
			valueIn(page, ":tensorflow:serving:request_count", { model_name: "m" }),
		).toBe(50);
	});

	test("keeps what it counted of a version that is back", async () => {
		const entry = { model: "m", version: 1n, dir: "/m/1" };
		const versions: Versions = [{ ...entry, state: "AVAILABLE" }];
		const metrics = open(versions);
		ended(metrics, { version: 1n });
		for (let i = 0; i < 40; i++) metrics.unloaded(entry);
		expect(
			valueIn(await metrics.text(), "mlship_requests_total", { version: "1" }),
		).toBe(1);
	});

	test("tells how many requests are being answered, and their bytes", async () => {
		const metrics = open();
		const trace = traceOf({ bytesIn: 10 });
		metrics.began(trace);
		const inFlight = async () =>
			valueIn(await metrics.text(), "mlship_requests_in_flight", {
				protocol: "rest",
			});
		expect(await inFlight()).toBe(1);
		metrics.ended(trace, { code: "OK", status: 200, bytesOut: 20 });
		expect(await inFlight()).toBe(0);
		const page = await metrics.text();
		const rest = { protocol: "rest" };
		expect(valueIn(page, "mlship_request_bytes_total", rest)).toBe(10);
		expect(valueIn(page, "mlship_response_bytes_total", rest)).toBe(20);
	});

	test("counts batches, and what waits for one", async () => {
		const metrics = open();
		const close = metrics.queue({ pool: "p", waiting: () => 3 });
		metrics.queue({ pool: "p", waiting: () => 4 });
		metrics.batch({
			pool: "p",
			rows: [1, 4],
			waitedMicros: [150, 0],
			padding: 3,
		});
		const page = await metrics.text();
		const of = (name: string, labels = {}) =>
			valueIn(page, `:tensorflow:serving:batching_session:${name}`, labels);
		expect(of("wrapped_run_count")).toBe(1);
		expect(of("input_batch_size_sum")).toBe(5);
		expect(of("processed_batch_size_sum")).toBe(8);
		expect(of("padding_size_sum", { execution_batch_size: "8" })).toBe(3);
		expect(of("queuing_latency_sum", { thread_pool_name: "p" })).toBe(150);
		const queued = "mlship_queued_requests";
		expect(valueIn(page, queued, { pool: "p" })).toBe(7);
		close();
		expect(valueIn(await metrics.text(), queued, { pool: "p" })).toBe(4);
	});

	test("counts loads and warm-ups, and tells where versions stand", async () => {
		const dir = "/models/m/7";
		const metrics = open([{ model: "m", version: 7n, dir, state: "LOADING" }]);
		const load = { model: "m", version: 7n, dir, seconds: 2 };
		metrics.loaded({ ...load, error: fail("CORRUPT", "no") });
		metrics.loaded(load);
		metrics.warmedUp({ dir, records: 5, seconds: 0.5 });
		const page = await metrics.text();
		const attempts = ":tensorflow:cc:saved_model:load_attempt_count";
		for (const status of ["success", "fail"])
			expect(valueIn(page, attempts, { model_path: dir, status })).toBe(1);
		expect(valueIn(page, ":tensorflow:cc:saved_model:load_latency")).toBe(2e6);
		const warmUp = ":tensorflow:serving:model_warmup";
		const ok = { model_path: dir, status: "OK" };
		expect(valueIn(page, `${warmUp}_latency_sum`, ok)).toBe(500_000);
		expect(valueIn(page, `${warmUp}_records_read`, ok)).toBe(5);
		expect(valueIn(page, "mlship_loads_total", { code: "DATA_LOSS" })).toBe(1);
		expect(valueIn(page, "mlship_load_duration_seconds_sum")).toBe(2);
		expect(
			valueIn(page, "mlship_versions", { version: "7", state: "LOADING" }),
		).toBe(1);
	});

	test("tells of the process", async () => {
		const page = await open().text();
		expect(valueIn(page, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
		expect(valueIn(page, "nodejs_eventloop_lag_p99_seconds")).toBeGreaterThan(
			-1,
		);
	});

	test("gives a counter by TensorFlow Serving's name for it, and by its page's", async () => {
		const metrics = open();
		ended(metrics, { version: 1n });
		for (const name of [
			"/tensorflow/serving/request_count",
			":tensorflow:serving:request_count",
		])
			expect(await metrics.value(name)).toBe(1);
		expect(await metrics.value("/tensorflow/serving/none")).toBe(0);
		// a distribution has no one value
		const latency = "/tensorflow/serving/request_latency";
		expect(await metrics.value(latency)).toBe(0);
	});
});

function open(versions: Versions = []): Metrics {
	const metrics = openMetrics({
		knows: (model) => model === "m" || model === "once",
		versions: () => versions,
		isReady: () => true,
	});
	opened.push(metrics);
	return metrics;
}

function traceOf(known: Partial<Trace>): Trace {
	return {
		id: "1",
		protocol: "rest",
		since: performance.now(),
		bytesIn: 0,
		method: "POST",
		path: "/v1/models/m:predict",
		api: "predict",
		model: "m",
		...known,
	};
}

function ended(metrics: Metrics, known: Partial<Trace>, code = "OK"): void {
	const trace = traceOf(known);
	metrics.began(trace);
	metrics.ended(trace, {
		code,
		status: code === "OK" ? 200 : 400,
		bytesOut: 0,
	});
}
