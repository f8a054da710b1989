import type { MetricType } from "prom-client";

export type Labels = Readonly<Record<string, string | number>>;

/** A metric with what it has counted, as prom-client gives it too. */
export interface Counted {
	readonly name: string;
	readonly help: string;
	readonly type: MetricType | string;
	readonly values: readonly {
		/** Of a part of a distribution. */
		readonly metricName?: string;
		readonly labels: Labels;
		readonly value: number;
	}[];
}

/**
 * Prometheus' text format, written as TensorFlow Serving writes it (prometheus_exporter.cc): braces also where there are no
 * labels, limits with six digits. What is not its own has a line of help, which Grafana shows.
 */
export function pageOf(metrics: readonly Counted[]): string {
	const lines: string[] = [];
	for (const { name, help, type, values } of metrics) {
		if (!name.startsWith(":")) lines.push(`# HELP ${name} ${help}`);
		lines.push(`# TYPE ${name} ${type}`);
		for (const { metricName = name, labels, value } of values)
			lines.push(`${metricName}{${labelsText(labels)}} ${value}`);
	}
	return `${lines.join("\n")}\n`;
}

/** The limit of a bucket comes last. */
function labelsText({ le, ...labels }: Labels): string {
	const texts = Object.entries(labels).map(
		([name, value]) => `${name}="${escaped(String(value))}"`,
	);
	if (le !== undefined)
		texts.push(`le="${typeof le === "number" ? shortText(le) : le}"`);
	return texts.join(",");
}

/** TensorFlow Serving leaves a line's end as it is, which would end the sample. */
function escaped(value: string): string {
	return value
		.replaceAll("\\", "\\\\")
		.replaceAll('"', '\\"')
		.replaceAll("\n", "\\n");
}

/** C's `%g`, for what has no more than six digits. */
function shortText(value: number): string {
	if (value < 1e6) return String(value);
	return value.toExponential().replace(/e\+(\d)$/, "e+0$1");
}
