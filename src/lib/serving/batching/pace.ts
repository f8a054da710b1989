/** How fast a session runs, by the best of its runs: what it waited for others counts against all of them. */
export class Pace {
	/** Milliseconds; as long as none is known, any thread is worth it. */
	#row = Number.POSITIVE_INFINITY;

	note(rows: number, milliseconds: number): void {
		const row = milliseconds / rows;
		if (row < this.#row) this.#row = row;
	}

	/** Into how many parts rows are to be shared out: none should be worth less than what it takes to hand it to a thread. */
	parts(rows: number, most: number): number {
		const worth = Math.ceil((rows * this.#row) / LEAST_MS);
		return Math.min(most, Math.max(1, worth));
	}
}

/** To wake a thread and to be woken by it, on two processors that are busy. */
const LEAST_MS = 0.5;
