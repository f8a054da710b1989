import { type FileHandle, open, stat } from "node:fs/promises";
import { asMlshipError, fail } from "../../errors.js";
import type { LogOutput } from "./log.js";

/** Characters that wait for a disk; beyond, lines are lost rather than memory. */
const MOST_WAITING = 8 * 1024 ** 2;

/**
 * Appends to a file, which may be moved away at any time: the next lines go to a new one by its name, without a signal. Fails
 * as opening does. Later trouble, a full disk say, is told once until writing succeeds again: requests are answered all the
 * same.
 */
export async function openLogFile(
	path: string,
	trouble: (message: string) => void,
): Promise<LogOutput> {
	try {
		return new LogFile(path, await open(path, "a"), trouble);
	} catch (error) {
		const { code, message } = asMlshipError(error);
		throw fail(code, `cannot write the access log: ${message}`, {
			cause: error,
		});
	}
}

class LogFile implements LogOutput {
	readonly #path: string;
	readonly #trouble: (message: string) => void;
	#file: FileHandle;
	#waiting = "";
	#writing: Promise<void> | undefined;
	#isTroubled = false;

	constructor(
		path: string,
		file: FileHandle,
		trouble: (message: string) => void,
	) {
		this.#path = path;
		this.#file = file;
		this.#trouble = trouble;
	}

	write(text: string): void {
		if (this.#waiting.length + text.length > MOST_WAITING)
			this.#tell("the disk is too slow, lines are lost");
		else this.#waiting += text;
		this.#writing ??= this.#drain();
	}

	async close(): Promise<void> {
		await this.#writing;
		await this.#file.close();
	}

	/** Never fails. */
	async #drain(): Promise<void> {
		while (this.#waiting !== "") {
			const text = this.#waiting;
			this.#waiting = "";
			try {
				await this.#follow();
				await this.#file.appendFile(text);
				this.#isTroubled = false;
			} catch (error) {
				this.#tell(asMlshipError(error).message);
			}
		}
		this.#writing = undefined;
	}

	/** Opens the file again where another one, or none, has its name by now. */
	async #follow(): Promise<void> {
		const [mine, named] = await Promise.all([
			this.#file.stat(),
			stat(this.#path).catch(() => undefined),
		]);
		if (named?.ino === mine.ino && named.dev === mine.dev) return;
		const before = this.#file;
		this.#file = await open(this.#path, "a");
		await before.close();
	}

	#tell(reason: string): void {
		if (this.#isTroubled) return;
		this.#isTroubled = true;
		this.#trouble(`cannot write the access log ${this.#path}: ${reason}`);
	}
}
