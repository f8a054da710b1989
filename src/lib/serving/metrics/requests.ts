import type { Api, Ending, Trace } from "../observer.js";
import { Bins, binsOf } from "./bins.js";
import type { Counted, Labels } from "./page.js";
import { type MetricRow, REQUEST_METRICS } from "./table.js";

/** By the code of their status. */
type Codes = Map<string, number>;

interface SeriesLabels {
	readonly model: string;
	readonly version: string;
	readonly protocol: Trace["protocol"];
	readonly api: Api;
}

/** Requests that differ in nothing but how they ended. */
interface Series {
	readonly labels: SeriesLabels;
	readonly codes: Codes;
	readonly duration: Bins;
	readonly run: Bins;
	/** What TensorFlow Serving's metrics have of them, perhaps with others; undefined where it does not count them. */
	readonly theirs:
		| { readonly codes: Codes; readonly latency: Bins }
		| undefined;
}

interface Cell<T> {
	readonly labels: Labels;
	readonly of: T;
}

type Cells<T> = Map<string, Cell<T>>;

/**
 * What is counted of each request. All that takes time, the texts of labels above all, is done once a series, or when
 * somebody looks.
 */
export class Requests {
	readonly #series = new Map<string, Series>();
	readonly #codes: Cells<Codes> = new Map();
	readonly #latencies: Cells<Bins> = new Map();
	readonly #runs: Cells<Bins> = new Map();

	/** `model` is empty where there is no such model. */
	count(
		{ protocol, api = "other", path, version, runMs }: Trace,
		{ code }: Ending,
		model: string,
		seconds: number,
	): void {
		const isTheirs = isUpstream(protocol, api, path);
		const key = `${protocol} ${api} ${isTheirs} ${version ?? ""} ${model}`;
		let series = this.#series.get(key);
		if (series === undefined) {
			const name = version === undefined ? "" : String(version);
			const labels = { model, version: name, protocol, api };
			series = this.#seriesOf(labels, isTheirs);
			this.#series.set(key, series);
		}
		const { codes, duration, theirs, run } = series;
		increase(codes, code);
		duration.add(seconds);
		if (runMs !== undefined) run.add(runMs * 1e3);
		if (theirs === undefined) return;
		increase(theirs.codes, code);
		if (code === "OK") theirs.latency.add(seconds * 1e6);
	}

	/** Lets go what nobody asks for any more. */
	forget(isForgotten: (labels: Labels) => boolean): void {
		const all = [this.#series, this.#codes, this.#latencies, this.#runs];
		for (const cells of all)
			for (const [key, { labels }] of cells)
				if (isForgotten({ ...labels })) cells.delete(key);
	}

	counted(): Counted[] {
		const cells = <T>(of: (series: Series) => T) =>
			[...this.#series.values()].map((series) => ({
				labels: { ...series.labels },
				of: of(series),
			}));
		const rows = REQUEST_METRICS;
		return [
			codesOf(rows.requestCount, "status", this.#codes.values()),
			binsOf(rows.requestLatency, this.#latencies.values()),
			binsOf(rows.runtimeLatency, this.#runs.values()),
			codesOf(
				rows.requests,
				"code",
				cells(({ codes }) => codes),
			),
			binsOf(
				rows.duration,
				cells(({ duration }) => duration),
			),
		];
	}

	#seriesOf(labels: SeriesLabels, isTheirs: boolean): Series {
		const { model, protocol, api } = labels;
		const name = APIS[api];
		const ran = {
			model_name: model,
			API: name ?? "MultiInference",
			runtime: RUNTIME,
		};
		return {
			labels,
			codes: new Map(),
			duration: new Bins(REQUEST_METRICS.duration),
			run: cellOf(
				this.#runs,
				ran,
				() => new Bins(REQUEST_METRICS.runtimeLatency),
			),
			theirs: isTheirs ? this.#theirsOf(model, protocol, api) : undefined,
		};
	}

	#theirsOf(model: string, protocol: Trace["protocol"], api: Api) {
		const name = APIS[api] ?? "";
		const isRest = protocol === "rest";
		const asked = {
			model_name: model,
			API: isRest ? name.toLowerCase() : name,
			entrypoint: isRest ? "REST" : "GRPC",
		};
		return {
			codes: cellOf(this.#codes, { model_name: model }, () => new Map()),
			latency: cellOf(
				this.#latencies,
				asked,
				() => new Bins(REQUEST_METRICS.requestLatency),
			),
		};
	}
}

/** Its names of what runs a model, as gRPC has them; over REST they are in lower case, and empty for all else. */
const APIS: { readonly [K in Api]?: string } = {
	predict: "Predict",
	classify: "Classify",
	regress: "Regress",
};

/** The runtime of the one that upstream's binary has: there is no other value that a dashboard could ask for. */
const RUNTIME = "TF1";

const V1 = /^\/v1\//i;

/** prediction_service_impl.cc, http_rest_api_handler.cc */
function isUpstream(
	protocol: Trace["protocol"],
	api: Api,
	path: string,
): boolean {
	if (protocol === "grpc") return APIS[api] !== undefined;
	return api !== "other" || V1.test(path);
}

function increase(codes: Codes, code: string): void {
	codes.set(code, (codes.get(code) ?? 0) + 1);
}

/** What has these labels, made where there is none. */
function cellOf<T>(cells: Cells<T>, labels: Labels, make: () => T): T {
	const key = JSON.stringify(labels);
	const known = cells.get(key) ?? { labels, of: make() };
	cells.set(key, known);
	return known.of;
}

function codesOf(
	row: MetricRow,
	label: string,
	cells: Iterable<Cell<Codes>>,
): Counted {
	const values = [...cells].flatMap(({ labels, of }) =>
		[...of].map(([code, value]) => ({
			labels: { ...labels, [label]: code },
			value,
		})),
	);
	return { ...row, help: row.about, values };
}
