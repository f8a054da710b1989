import { setTimeout as pause } from "node:timers/promises";
import { fail, type MlshipError } from "../errors.js";
import type { ModelConfig } from "./config/models.js";
import type { Host } from "./host.js";
import { WatchedModel, type WatchOptions } from "./watched.js";

export type { WatchEvent, WatchOptions } from "./watched.js";

/** A model of a configuration that does not answer, and why. */
export interface ModelTrouble {
	readonly model: string;
	readonly error: MlshipError;
}

/**
 * Keeps what a host serves as a configuration and the folders of its models say. One model's trouble is its own. Has a
 * lifetime: `close()` ends the looking, not the serving.
 */
export class Watch {
	readonly #host: Host;
	readonly #options: WatchOptions;
	readonly #models = new Map<string, WatchedModel>();
	#applying: Promise<unknown> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(host: Host, options: WatchOptions = {}) {
		this.#host = host;
		this.#options = options;
	}

	/** What is served now, as it was configured. */
	get configs(): readonly ModelConfig[] {
		return [...this.#models.values()].map(({ config }) => config);
	}

	/**
	 * Serves just these models from now on, and resolves, when each of their versions was tried, to those of which none
	 * answers. As a whole or not at all: strictly it fails, in TensorFlow Serving's words, with MISMATCH for labels of
	 * versions that do not answer. A configuration without models changes nothing, as in TensorFlow Serving.
	 */
	applyConfig(configs: readonly ModelConfig[]): Promise<ModelTrouble[]> {
		const applied = this.#applying.then(() => this.#apply(configs));
		this.#applying = applied.catch(() => undefined);
		return applied;
	}

	/** Looks at all folders once; resolves when what has changed was dealt with. */
	async poll(): Promise<void> {
		await Promise.all(
			[...this.#models.values()].map((model) => model.update()),
		);
	}

	/** Tries versions again as often as that is allowed; resolves when each answers or is given up. */
	async settled(): Promise<void> {
		for (;;) {
			const times = [...this.#models.values()].flatMap(
				({ retryAt, trouble }) => (trouble && retryAt) ?? [],
			);
			if (this.#isClosed || times.length === 0) return;
			const wait = Math.min(...times) - this.#now();
			await pause(Math.max(0, Math.min(RETRY_MS, wait)));
			await this.#retry();
		}
	}

	/** Whether it looks by itself. */
	get isStarted(): boolean {
		return this.#timer !== undefined;
	}

	/** Looks every so many milliseconds from now on; with 0 only where a version may be tried again. */
	start(pollMs: number): void {
		if (this.#isClosed) return;
		this.#timer = setTimeout(
			() => {
				// a look may take longer than the pause: what is being loaded is not waited for
				void (pollMs > 0 ? this.poll() : this.#retry());
				this.start(pollMs);
			},
			pollMs > 0 ? pollMs : RETRY_MS,
		);
		this.#timer.unref();
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		for (const model of this.#models.values()) model.stop();
	}

	async #apply(configs: readonly ModelConfig[]): Promise<ModelTrouble[]> {
		if (this.#isClosed || configs.length === 0) return [];
		if (this.#options.strict === true)
			for (const config of configs) this.#checkLabels(config);
		const names = new Set(configs.map(({ name }) => name));
		for (const [name, model] of this.#models)
			if (!names.has(name)) this.#drop(name, model);
		for (const config of configs) this.#assignLabels(config);
		const models = configs.map((config) => this.#modelFor(config));
		await Promise.all(models.map((model, i) => model.apply(configs[i])));
		return models.flatMap(({ trouble, config }) =>
			trouble === undefined ? [] : [{ model: config.name, error: trouble }],
		);
	}

	#modelFor(config: ModelConfig): WatchedModel {
		const known = this.#models.get(config.name);
		if (known !== undefined) return known;
		const model = new WatchedModel(this.#host, config, this.#options);
		this.#models.set(config.name, model);
		return model;
	}

	/** What its requests are running finishes, and nobody waits for that. */
	#drop(name: string, model: WatchedModel): void {
		model.stop();
		this.#models.delete(name);
		this.#host.removeModel(name).catch(() => undefined);
	}

	/** server_core.cc, UpdateModelVersionLabelMap. */
	#checkLabels({ name, labels }: ModelConfig): void {
		const { allowsUnavailableLabels = false } = this.#options;
		for (const [label, version] of labels) {
			const known = this.#host.labelled(name, label);
			const mayWait = allowsUnavailableLabels && (known ?? version) === version;
			if (!mayWait && !this.#host.isServed(name, version))
				throw fail(
					"MISMATCH",
					`Request to assign label to version ${version} of model ${name}, which is not currently available for inference`,
				);
		}
	}

	#assignLabels({ name, labels }: ModelConfig): void {
		if (this.#options.allowsUnavailableLabels !== true) return;
		for (const [label, version] of labels)
			if (this.#host.labelled(name, label) === undefined)
				this.#host.assignLabel(name, label, version);
	}

	async #retry(): Promise<void> {
		const now = this.#now();
		await Promise.all(
			[...this.#models.values()]
				.filter(({ retryAt = Number.POSITIVE_INFINITY }) => retryAt <= now)
				.map((model) => model.update()),
		);
	}

	#now(): number {
		return (this.#options.now ?? (() => performance.now()))();
	}
}

/** How exactly it is kept when something is tried again, where folders are not looked at. */
const RETRY_MS = 1_000;
