import { openLogFile } from "../../lib/serving/access-log/file.js";
import type { AccessLog } from "../../lib/serving/access-log/log.js";
import type { Host } from "../../lib/serving/host.js";
import type { Observer } from "../../lib/serving/observer.js";
import type { MetricsPage } from "../../lib/serving/rest/metrics.js";
import type { CommandContext } from "../context.js";
import type { ServeSettings } from "./settings.js";

/** What is made of what a server tells of itself. Has a lifetime: `close()` writes what the log has not written yet. */
export interface Observation {
	readonly observer: Observer;
	readonly page: MetricsPage;
	/** A counter's value, for who reloads a configuration. */
	counterValue(name: string): Promise<number>;
	close(): Promise<void>;
}

/** The server that is observed, once there is one. */
export interface Observed {
	readonly host: Host;
	isReady(): boolean;
}

/** Begins to count and to log; fails where the log's file cannot be written. */
export async function openObservation(
	settings: Pick<ServeSettings, "metrics" | "accessLog">,
	context: Pick<CommandContext, "stdout" | "stderr">,
	observed: () => Observed,
): Promise<Observation> {
	const log = await openLog(settings.accessLog, context);
	// other commands do without
	const { openMetrics } = await import("../../lib/serving/metrics/metrics.js");
	const metrics = openMetrics({
		knows: (model) => observed().host.knows(model),
		versions: () => versionsOf(observed().host),
		isReady: () => observed().isReady(),
	});
	const ended: Observer["ended"] = (trace, ending) => {
		metrics.ended(trace, ending);
		log?.ended(trace, ending);
	};
	return {
		observer: { ...metrics, ended },
		page: { ...settings.metrics, text: metrics.text },
		counterValue: metrics.value,
		close: async () => {
			metrics.close();
			await log?.close();
		},
	};
}

async function openLog(
	place: string | undefined,
	{ stdout, stderr }: Pick<CommandContext, "stdout" | "stderr">,
): Promise<AccessLog | undefined> {
	if (place === undefined) return undefined;
	const { openAccessLog } = await import("../../lib/serving/access-log/log.js");
	return openAccessLog(
		place === "-"
			? { write: stdout, close: async () => undefined }
			: await openLogFile(place, (message) => stderr(`warning: ${message}\n`)),
	);
}

function versionsOf(host: Host) {
	return host.names.flatMap((model) =>
		host.statuses(model).map((status) => ({ model, ...status })),
	);
}
