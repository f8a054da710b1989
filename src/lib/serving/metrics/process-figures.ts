import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Registry } from "prom-client";
import { type Instruments, instrumentsOf } from "./instruments.js";
import { PROCESS_METRICS } from "./table.js";

/** What is told of the process. Has a lifetime. */
export interface ProcessFigures {
	/** Reads them, to be shown. */
	update(): void;
	close(): void;
}

/** Milliseconds between two looks at how late timers are. */
const RESOLUTION = 20;
const NANOS = 1e-9;

export function openProcessFigures(registry: Registry): ProcessFigures {
	const figures = instrumentsOf(registry, PROCESS_METRICS);
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
	delay.enable();
	return {
		update: () => {
			updateMemory(figures);
			// what was waited for on purpose is no lag
			const lag = (nanos: number) =>
				Math.max(0, nanos * NANOS - RESOLUTION / 1000) || 0;
			figures.lagMean.set(lag(delay.mean));
			figures.lagP99.set(lag(delay.percentile(99)));
			figures.lagMax.set(lag(delay.max));
			delay.reset();
		},
		close: () => {
			delay.disable();
		},
	};
}

function updateMemory(figures: Instruments<typeof PROCESS_METRICS>): void {
	const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
	const { user, system } = process.cpuUsage();
	figures.cpu.reset();
	figures.cpu.inc((user + system) / 1e6);
	figures.started.set(performance.timeOrigin / 1000);
	figures.resident.set(rss);
	figures.heapUsed.set(heapUsed);
	figures.heapTotal.set(heapTotal);
	figures.external.set(external);
}
