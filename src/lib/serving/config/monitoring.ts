import { MonitoringConfigSchema } from "../../../gen/serving_config_pb.js";
import { fail } from "../../errors.js";
import { readConfigFile } from "./read.js";

/** Where metrics are to be read. */
export interface Monitoring {
	/** The path of Prometheus' page; undefined where the file does not turn it on. */
	readonly prometheusPath: string | undefined;
}

/** Upstream's (prometheus_exporter.cc). */
export const DEFAULT_PROMETHEUS_PATH = "/monitoring/prometheus/metrics";

/** Reads the file of `--monitoring_config_file`; fails as `readConfigFile` does, and with INVALID for a path that is none. */
export function readMonitoringFile(file: string): Monitoring {
	const { prometheusConfig } = readConfigFile(MonitoringConfigSchema, file);
	if (prometheusConfig?.enable !== true) return { prometheusPath: undefined };
	const path = prometheusConfig.path || DEFAULT_PROMETHEUS_PATH;
	if (!isPagePath(path))
		throw fail(
			"INVALID",
			`cannot use ${file}: the path of metrics is "${path}", wanted one as ${DEFAULT_PROMETHEUS_PATH}`,
			{ at: { file } },
		);
	return { prometheusPath: path };
}

/** Whether a page can be found by it, its query aside. */
export function isPagePath(path: string): boolean {
	return /^\/[^?#\s]*$/.test(path);
}
