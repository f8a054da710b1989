/** Work that waits. */
export interface BatchSource {
	/** The next batch, not yet begun; undefined where none is ready. Those of one turn begin together. */
	take(turn: number): (() => Promise<void>) | undefined;
}

/**
 * Runs a number of batches at a time: as upstream, the queues of all models may share them, and each gets its turn
 * (shared_batch_scheduler.h).
 */
export class BatchThreads {
	/** How many batches run side by side; others that were begun wait behind them. */
	readonly sideBySide: number;
	readonly #most: number;
	#free: number;
	#turn = 0;
	/** Those that may have something ready, the next one first. */
	#sources: BatchSource[] = [];
	#isAwake = false;

	/** With `ahead`, so many are begun for each that runs, so that a thread has its next one at hand. */
	constructor(sideBySide: number, { ahead = 1 } = {}) {
		this.sideBySide = sideBySide;
		this.#most = sideBySide * ahead;
		this.#free = this.#most;
	}

	/** Whether nothing runs. */
	get isIdle(): boolean {
		return this.#free === this.#most;
	}

	/** Runs something at once, which takes the place of a batch. */
	async run<T>(work: () => Promise<T>): Promise<T> {
		this.#free--;
		try {
			return await work();
		} finally {
			this.#free++;
			this.#begin();
		}
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
		this.#turn++;
		while (this.#free > 0) {
			const batch = this.#next();
			if (batch === undefined) return;
			void this.run(batch);
		}
	}

	#next(): (() => Promise<void>) | undefined {
		for (;;) {
			const source = this.#sources.shift();
			if (source === undefined) return undefined;
			const batch = source.take(this.#turn);
			if (batch === undefined) continue;
			this.#sources.push(source);
			return batch;
		}
	}
}
