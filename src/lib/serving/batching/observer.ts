/** A batch that was run, as TensorFlow Serving's metrics want it (batching_session.cc). */
export interface BatchReport {
	/** The `threadPoolName` of its parameters. */
	readonly pool: string;
	/** The rows of each request in it. */
	readonly rows: readonly number[];
	/** How long each request had waited, in microseconds. */
	readonly waitedMicros: readonly number[];
	/** Rows that were added to reach an allowed size. */
	readonly padding: number;
}

/** Requests that wait, to be looked at. */
export interface QueueGauge {
	/** The `threadPoolName` of its parameters. */
	readonly pool: string;
	/** How many there are now. */
	waiting(): number;
}

/** Is told of batches. */
export interface BatchObserver {
	batch(report: BatchReport): void;
	/** A queue was opened; calls the result when it is closed. */
	queue?(gauge: QueueGauge): () => void;
}
