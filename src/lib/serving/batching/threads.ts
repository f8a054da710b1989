/** Work that waits. */
export interface BatchSource {
	/** The next batch, not yet begun; undefined where none is ready. */
	take(): (() => Promise<void>) | undefined;
}

/**
 * Runs a number of batches at a time: as upstream, the queues of all models may share them, and each gets its turn
 * (shared_batch_scheduler.h).
 */
export class BatchThreads {
	readonly size: number;
	#free: number;
	/** Those that may have something ready, the next one first. */
	#sources: BatchSource[] = [];
	#isAwake = false;

	constructor(size: number) {
		this.size = size;
		this.#free = size;
	}

	/** Is told that a source may have something ready. Begins when this turn of the event loop has brought all it brings. */
	wake(source: BatchSource): void {
		if (!this.#sources.includes(source)) this.#sources.push(source);
		if (this.#isAwake || this.#free === 0) return;
		this.#isAwake = true;
		setImmediate(() => {
			this.#isAwake = false;
			this.#begin();
		});
	}

	#begin(): void {
		while (this.#free > 0) {
			const batch = this.#next();
			if (batch === undefined) return;
			this.#free--;
			batch().finally(() => {
				this.#free++;
				this.#begin();
			});
		}
	}

	#next(): (() => Promise<void>) | undefined {
		for (;;) {
			const source = this.#sources.shift();
			if (source === undefined) return undefined;
			const batch = source.take();
			if (batch === undefined) continue;
			this.#sources.push(source);
			return batch;
		}
	}
}
