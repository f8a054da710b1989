import type { BatchReport } from "../batching/observer.js";
import { Bins, binsOf } from "./bins.js";
import type { Counted } from "./page.js";
import { BATCH_METRICS } from "./table.js";

/** What is counted of each batch (batching_session.cc). */
export class Batches {
	#count = 0;
	readonly #requestRows = new Bins(BATCH_METRICS.inputBatchSize);
	readonly #batchRows = new Bins(BATCH_METRICS.processedBatchSize);
	/** By the rows of the batch. */
	readonly #padding = new Map<number, Bins>();
	/** By the name of the pool. */
	readonly #waits = new Map<string, Bins>();

	add({ pool, rows, waitedMicros, padding }: BatchReport): void {
		this.#count++;
		let sum = padding;
		for (const count of rows) {
			sum += count;
			this.#requestRows.add(count);
		}
		this.#batchRows.add(sum);
		const added = this.#padding.get(sum) ?? new Bins(BATCH_METRICS.paddingSize);
		this.#padding.set(sum, added);
		added.add(padding);
		const waits =
			this.#waits.get(pool) ?? new Bins(BATCH_METRICS.queuingLatency);
		this.#waits.set(pool, waits);
		for (const micros of waitedMicros) waits.add(micros);
	}

	counted(): Counted[] {
		const rows = BATCH_METRICS;
		const { wrappedRunCount: runs } = rows;
		const waits = [...this.#waits].map(([pool, of]) => ({
			labels: { thread_pool_name: pool },
			of,
		}));
		const padding = [...this.#padding].map(([size, of]) => ({
			labels: { execution_batch_size: size },
			of,
		}));
		return [
			binsOf(rows.queuingLatency, waits),
			{
				...{ ...runs, help: runs.about },
				values: [{ labels: {}, value: this.#count }],
			},
			binsOf(rows.paddingSize, padding),
			binsOf(rows.inputBatchSize, [{ labels: {}, of: this.#requestRows }]),
			binsOf(rows.processedBatchSize, [{ labels: {}, of: this.#batchRows }]),
		];
	}
}
