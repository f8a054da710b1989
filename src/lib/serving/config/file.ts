import { ModelServerConfigSchema } from "../../../gen/model_config_pb.js";
import { asMlshipError } from "../../errors.js";
import type { Compat } from "../../tensor/json/source.js";
import { type ModelsConfig, readModelServerConfig } from "./models.js";
import { parseConfig, readConfigText } from "./read.js";

export interface ConfigFileOptions {
	readonly path: string;
	readonly compat: Compat;
	/** Serves another configuration from now on. */
	apply(config: ModelsConfig): Promise<void>;
	/** Hears why the file or what it says is not taken over, once a reason; what is served stays as it is. */
	trouble(message: string): void;
}

/** The file of `--model_config_file`, looked at again and again. Has a lifetime: `close()` ends the looking. */
export class ConfigFile {
	readonly #options: ConfigFileOptions;
	#applied: string | undefined;
	#trouble: string | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(options: ConfigFileOptions) {
		this.#options = options;
	}

	/** What the file says at the start; fails as `readConfigFile` and `readModelServerConfig` do. */
	read(): ModelsConfig {
		const text = readConfigText(this.#options.path);
		const config = this.#parse(text);
		this.#applied = text;
		return config;
	}

	/** Looks at the file once, and applies it if it says something else. Never fails. */
	async look(): Promise<void> {
		try {
			const text = readConfigText(this.#options.path);
			if (text !== this.#applied) {
				await this.#options.apply(this.#parse(text));
				this.#applied = text;
			}
			this.#trouble = undefined;
		} catch (error) {
			const { message } = asMlshipError(error);
			if (message !== this.#trouble) this.#options.trouble(message);
			this.#trouble = message;
		}
	}

	/** Looks every so many milliseconds from now on, never with 0. */
	start(pollMs: number): void {
		if (pollMs <= 0 || this.#isClosed) return;
		this.#timer = setTimeout(
			async () => {
				await this.look();
				this.start(pollMs);
			},
			Math.min(pollMs, MAX_DELAY),
		);
		this.#timer.unref();
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}

	#parse(text: string): ModelsConfig {
		const { path, compat } = this.#options;
		return readModelServerConfig(
			parseConfig(ModelServerConfigSchema, text, path),
			compat,
		);
	}
}

/** The longest delay of a timer of Node. */
const MAX_DELAY = 2 ** 31 - 1;
