import type { Ending, Trace } from "../observer.js";
import type { Instruments } from "./instruments.js";
import type { OWN_METRICS } from "./table.js";

type Protocol = Trace["protocol"];

interface Sums {
	running: number;
	bytesIn: number;
	bytesOut: number;
}

/** What goes in and out, added up in plain numbers, as that happens with each request. */
export class Traffic {
	readonly #sums: Readonly<Record<Protocol, Sums>> = {
		rest: { running: 0, bytesIn: 0, bytesOut: 0 },
		grpc: { running: 0, bytesIn: 0, bytesOut: 0 },
	};

	began(protocol: Protocol): void {
		this.#sums[protocol].running++;
	}

	ended({ protocol, bytesIn }: Trace, { bytesOut }: Ending): void {
		const sums = this.#sums[protocol];
		sums.running--;
		sums.bytesIn += bytesIn;
		sums.bytesOut += bytesOut;
	}

	/** Sets what is to be shown. */
	show({
		inFlight,
		bytesIn,
		bytesOut,
	}: Pick<
		Instruments<typeof OWN_METRICS>,
		"inFlight" | "bytesIn" | "bytesOut"
	>): void {
		bytesIn.reset();
		bytesOut.reset();
		for (const [protocol, sums] of Object.entries(this.#sums)) {
			inFlight.set({ protocol }, sums.running);
			bytesIn.inc({ protocol }, sums.bytesIn);
			bytesOut.inc({ protocol }, sums.bytesOut);
		}
	}
}
