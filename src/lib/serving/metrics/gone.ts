import type { Counter, Gauge, Histogram } from "prom-client";
import type { VersionEntry } from "../../repository/list.js";
import type { Counted, Labels } from "./page.js";
import type { Requests } from "./requests.js";

type ModelVersion = VersionEntry & { readonly model: string };

/** So many versions that are gone are still told of, so that nobody misses what they counted last. */
const KEPT = 16;

/** Versions that are gone: what was counted of them is let go in time, as new ones may come for years. */
export class Gone {
	readonly #instruments: readonly (Counter | Gauge | Histogram)[];
	readonly #requests: Requests;
	readonly #versions: () => Iterable<ModelVersion>;
	readonly #last: ModelVersion[] = [];

	constructor(
		instruments: readonly (Counter | Gauge | Histogram)[],
		requests: Requests,
		versions: () => Iterable<ModelVersion>,
	) {
		this.#instruments = instruments;
		this.#requests = requests;
		this.#versions = versions;
	}

	async add(version: ModelVersion): Promise<void> {
		this.#last.push(version);
		if (this.#last.length <= KEPT) return;
		const [oldest] = this.#last.splice(0, 1);
		await this.#forget(oldest);
	}

	/** It may be back, or another be served from its folder. */
	async #forget({ model, version, dir }: ModelVersion): Promise<void> {
		const others = [...this.#versions(), ...this.#last];
		const isModel = others.some((other) => other.model === model);
		const isVersion = others.some(
			(other) => other.model === model && other.version === version,
		);
		const isPath = others.some((other) => other.dir === dir);
		const name = String(version);
		const isForgotten = (labels: Labels) =>
			(!isPath && labels.model_path === dir) ||
			(!isModel && (labels.model_name ?? labels.model) === model) ||
			(!isVersion && labels.model === model && labels.version === name);
		this.#requests.forget(isForgotten);
		for (const instrument of this.#instruments) {
			const { values } = (await instrument.get()) as Counted;
			for (const {
				labels: { le: _, ...labels },
			} of values)
				if (isForgotten(labels)) instrument.remove(labels);
		}
	}
}
