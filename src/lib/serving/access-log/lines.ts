import type { LogOutput } from "./log.js";

/** Characters that are worth a call of the system. */
const ENOUGH = 16_384;

/** What a line waits for others. */
const WAIT_MS = 100;

/** Lines that are written together. Has a lifetime. */
export class Lines {
	readonly #output: LogOutput;
	#text = "";
	#timer: NodeJS.Timeout | undefined;

	constructor(output: LogOutput) {
		this.#output = output;
	}

	write(line: string): void {
		this.#text += line;
		if (this.#text.length >= ENOUGH) this.#flush();
		else this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS);
	}

	async close(): Promise<void> {
		this.#flush();
		await this.#output.close();
	}

	#flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const text = this.#text;
		this.#text = "";
		if (text !== "") this.#output.write(text);
	}
}
