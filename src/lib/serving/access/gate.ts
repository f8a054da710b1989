import { fail, type MlshipError } from "../../errors.js";

/** Lets so many in at a time. */
export class Gate {
	#inside = 0;

	constructor(
		readonly most: number,
		/** The flag that says how many. */
		readonly flag: string,
	) {}

	get isFull(): boolean {
		return this.#inside >= this.most;
	}

	get isEmpty(): boolean {
		return this.#inside === 0;
	}

	/** Takes a place, until the returned function is called, as often as it may be. */
	enter(): () => void {
		this.#inside++;
		let isInside = true;
		return () => {
			if (isInside) this.#inside--;
			isInside = false;
		};
	}

	/** What one hears who has to stay outside. */
	refusal(code: "NOT_READY" | "OVERLOADED"): MlshipError {
		return fail(
			code,
			`cannot answer: ${this.#inside} requests are under way, at most ${this.most} are let in (${this.flag}); try again later`,
		);
	}
}
