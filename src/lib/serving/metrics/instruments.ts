import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { MetricRow } from "./table.js";

/** What counts a row of a table. */
type Instrument<Row extends MetricRow> = {
	counter: Counter<Row["labels"][number]>;
	gauge: Gauge<Row["labels"][number]>;
	histogram: Histogram<Row["labels"][number]>;
}[Row["type"]];

/** By the names of a table's rows. */
export type Instruments<Table extends Readonly<Record<string, MetricRow>>> = {
	readonly [K in keyof Table]: Instrument<Table[K]>;
};

/** Makes what counts the rows of a table, in a registry. */
export function instrumentsOf<
	Table extends Readonly<Record<string, MetricRow>>,
>(registry: Registry, table: Table): Instruments<Table> {
	return Object.fromEntries(
		Object.entries(table).map(([key, row]) => [key, instrument(registry, row)]),
	) as Instruments<Table>;
}

function instrument(
	registry: Registry,
	{ name, type, labels, about, buckets = [] }: MetricRow,
): Counter | Gauge | Histogram {
	const given = {
		name,
		help: about,
		labelNames: labels,
		registers: [registry],
	};
	if (type === "counter") return new Counter(given);
	if (type === "gauge") return new Gauge(given);
	return new Histogram({ ...given, buckets: [...buckets] });
}
