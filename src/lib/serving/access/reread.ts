import { readFile } from "node:fs/promises";
import { asMlshipError } from "../../errors.js";

export interface RereadOptions<T> {
	/** The files that are looked at. */
	readonly paths: readonly string[];
	/** Reads them, and fails where they cannot be used. */
	read(): T;
	/** Hears why what files say now is not taken over, once a reason; what they said before holds. */
	trouble(message: string): void;
}

/**
 * What some files say, read again when they say something else. Has a lifetime: `start()` begins the looking, `close()`
 * ends it.
 */
export class Reread<T> {
	readonly #options: RereadOptions<T>;
	readonly #listeners: ((value: T) => void)[] = [];
	#value: T;
	/** What the files held when they were last read, with or without success; undefined before the first look. */
	#seen: Buffer | undefined;
	#trouble: string | undefined;
	#told: string | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	/** Fails as `read` does. */
	constructor(options: RereadOptions<T>) {
		this.#options = options;
		this.#value = options.read();
	}

	get value(): T {
		return this.#value;
	}

	/** Calls whenever there is another value. */
	onChange(listener: (value: T) => void): void {
		this.#listeners.push(listener);
	}

	/**
	 * Looks at the files once. Never fails. As a key and its certificate are not written at one moment, files that cannot be
	 * used are trouble when they are the same at the next look.
	 */
	async look(): Promise<void> {
		try {
			const files = await Promise.all(
				this.#options.paths.map((path) => readFile(path)),
			);
			const seen = Buffer.concat(
				files.flatMap((file) => [Buffer.from(`${file.length} `), file]),
			);
			const isNew = this.#seen === undefined || !seen.equals(this.#seen);
			if (!isNew && this.#trouble === undefined) return;
			if (isNew) this.#trouble = undefined;
			this.#seen = seen;
			this.#value = this.#options.read();
			this.#trouble = undefined;
			this.#told = undefined;
			for (const listener of this.#listeners) listener(this.#value);
		} catch (error) {
			this.#fail(asMlshipError(error).message);
		}
	}

	/** Looks every so many milliseconds from now on. */
	start(pollMs = POLL_MS): void {
		if (this.#isClosed) return;
		this.#timer = setTimeout(async () => {
			await this.look();
			this.start(pollMs);
		}, pollMs);
		this.#timer.unref();
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}

	#fail(message: string): void {
		if (this.#trouble === message && this.#told !== message) {
			this.#options.trouble(message);
			this.#told = message;
		}
		this.#trouble = message;
	}
}

/** Small files, and nobody waits for a token to be taken back longer than this. */
const POLL_MS = 1_000;
