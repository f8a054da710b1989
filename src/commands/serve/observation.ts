import type { Host } from "../../lib/serving/host.js";
import type { Observer } from "../../lib/serving/observer.js";
import type { MetricsPage } from "../../lib/serving/rest/metrics.js";

/** What is made of what a server tells of itself. Has a lifetime. */
export interface Observation {
	readonly observer: Observer;
	readonly page: MetricsPage;
	/** A counter's value, for who reloads a configuration. */
	counterValue(name: string): Promise<number>;
	close(): void;
}

export interface ObservationSettings {
	/** Where metrics are to be read, of those that there are. */
	readonly metrics: Omit<MetricsPage, "text">;
}

/** The server that is observed, once there is one. */
export interface Observed {
	readonly host: Host;
	isReady(): boolean;
}

/** Begins to count. */
export async function openObservation(
	{ metrics: places }: ObservationSettings,
	observed: () => Observed,
): Promise<Observation> {
	// other commands do without
	const { openMetrics } = await import("../../lib/serving/metrics/metrics.js");
	const metrics = openMetrics({
		knows: (model) => observed().host.knows(model),
		versions: () => versionsOf(observed().host),
		isReady: () => observed().isReady(),
	});
	return {
		observer: metrics,
		page: { ...places, text: metrics.text },
		counterValue: metrics.value,
		close: metrics.close,
	};
}

function versionsOf(host: Host) {
	return host.names.flatMap((model) =>
		host.statuses(model).map((status) => ({ model, ...status })),
	);
}
