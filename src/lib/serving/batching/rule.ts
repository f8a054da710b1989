import type { BatchingParameters } from "../config/batching.js";

/** What may become one batch, and how many may wait. */
export interface BatchRule {
	/** Of one batch. */
	readonly maxRows: number;
	/** Of one request; more are refused, or where nobody asked for batches, run alone. */
	readonly maxTaskRows: number;
	/** Of all inputs of one batch; a request of more runs alone. */
	readonly maxBytes: number;
	readonly maxWaiting: number;
	/** How long a batch that is not full waits for more, in microseconds. */
	readonly waitMicros: number;
	/** Ascending numbers of rows that batches are filled up to; none for any number. */
	readonly sizes: readonly number[];
	/** Whether shapes of different lengths are filled up to the longest, so that they can be joined. */
	readonly pads: boolean;
	/** Whether a request may become parts of several batches. */
	readonly splits: boolean;
	/** Whether what waits is shared out to all threads, in place of as much as possible to the first that is free. */
	readonly shares: boolean;
	/** Whether what cannot be joined is wrong: somebody asked for batches, and TensorFlow Serving would refuse it. */
	readonly isStrict: boolean;
}

/** What TensorFlow Serving does with its parameters. */
export function askedRule(parameters: BatchingParameters): BatchRule {
	return {
		maxRows: parameters.maxExecutionBatchSize,
		maxTaskRows: parameters.maxBatchSize,
		maxBytes: Number.POSITIVE_INFINITY,
		maxWaiting: parameters.maxEnqueuedBatches,
		waitMicros: parameters.batchTimeoutMicros,
		sizes: parameters.allowedBatchSizes,
		pads: parameters.padVariableLengthInputs,
		splits: parameters.enableLargeBatchSplitting,
		shares: false,
		isStrict: true,
	};
}

/**
 * Where nobody says: only what would have waited anyway is joined, and only small requests, for which the run costs less than
 * what is around it.
 */
export const AUTOMATIC_RULE: BatchRule = {
	maxRows: 64,
	maxTaskRows: 32,
	maxBytes: 256 * 1024,
	maxWaiting: Number.POSITIVE_INFINITY,
	waitMicros: 0,
	sizes: [],
	pads: false,
	splits: false,
	shares: true,
	isStrict: false,
};
