import { pino } from "pino";
import type { Ending, RequestObserver, Trace } from "../observer.js";
import { Lines } from "./lines.js";

/** A line of JSON for each request, and nothing of what was in it. Has a lifetime: `close()` writes what is left. */
export interface AccessLog extends RequestObserver {
	close(): Promise<void>;
}

/** Where lines go, several at a time. */
export interface LogOutput {
	write(text: string): void;
	close(): Promise<void>;
}

export function openAccessLog(output: LogOutput): AccessLog {
	const lines = new Lines(output);
	const logger = pino(
		{
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (level) => ({ level }) },
		},
		lines,
	);
	return {
		ended: (trace, ending) => {
			const isOurs = OUR_FAULTS.has(ending.code);
			logger[isOurs ? "error" : "info"](entryOf(trace, ending));
		},
		close: () => lines.close(),
	};
}

/** What no caller can do anything about. */
const OUR_FAULTS: ReadonlySet<string> = new Set([
	"INTERNAL",
	"DATA_LOSS",
	"UNKNOWN",
]);

/** Callers may write anything there. */
const MAX_TEXT = 1024;

function entryOf(trace: Trace, { code, status, bytesOut }: Ending) {
	const { id, remote, protocol, method, path, api, model, version } = trace;
	return {
		id,
		remote,
		protocol,
		method,
		path: path.slice(0, MAX_TEXT),
		api,
		model: model?.slice(0, MAX_TEXT),
		version: version?.toString(),
		status,
		code,
		ms: micros(performance.now() - trace.since),
		model_ms: trace.runMs === undefined ? undefined : micros(trace.runMs),
		bytes_in: trace.bytesIn,
		bytes_out: bytesOut,
	};
}

function micros(milliseconds: number): number {
	return Math.round(milliseconds * 1000) / 1000;
}
