import { asMlshipError, fail, type MlshipError } from "../errors.js";
import type { VersionEntry } from "../repository/list.js";
import type { LoadedVersion } from "./load.js";

/** TensorFlow Serving's names (get_model_status.proto); `END` of a version that is listed means that it did not load. */
export type VersionState = "LOADING" | "AVAILABLE" | "UNLOADING" | "END";

export interface VersionStatus extends VersionEntry {
	readonly state: VersionState;
	/** Why the version did not load. */
	readonly error?: MlshipError;
}

/** Which version of a model a caller wants. */
export type VersionChoice =
	| { readonly version: bigint }
	| { readonly label: string };

/** A version that answers. */
export interface Served {
	readonly version: bigint;
	readonly loaded: LoadedVersion;
}

interface Entry {
	status: VersionStatus;
	served?: Served;
}

interface Model {
	readonly entries: Map<bigint, Entry>;
	/** The highest available version, which most requests want. */
	latest: Served | undefined;
}

/** The models that are served. Has a lifetime: `close()` waits for what is running. */
export class Host {
	readonly #load: (dir: string) => Promise<LoadedVersion>;
	readonly #models = new Map<string, Model>();
	#isClosed = false;

	constructor(load: (dir: string) => Promise<LoadedVersion>) {
		this.#load = load;
	}

	/** Sorted by name. */
	get names(): readonly string[] {
		return [...this.#models.keys()].sort();
	}

	/**
	 * Loads a version and serves it from then on. A version that does not load is no failure here: the status that this
	 * resolves to says so, and the other versions serve on.
	 */
	async addVersion(name: string, entry: VersionEntry): Promise<VersionStatus> {
		if (this.#isClosed)
			throw fail("NOT_READY", "cannot load a version: the server is stopping");
		const model = this.#modelFor(name);
		const { version, dir } = entry;
		const added: Entry = { status: { version, dir, state: "LOADING" } };
		if (isAlive(model.entries.get(version)))
			throw fail(
				"INVALID",
				`cannot add version ${version} of model "${name}": it is served already`,
			);
		model.entries.set(version, added);
		try {
			const loaded = await this.#load(dir);
			if (model.entries.get(version) === added) {
				added.served = { version, loaded };
				added.status = { version, dir, state: "AVAILABLE" };
			} else {
				added.status = { version, dir, state: "END" };
				await loaded.close();
			}
		} catch (error) {
			const reason = asMlshipError(error);
			added.status = { version, dir, state: "END", error: reason };
		}
		model.latest = latestOf(model);
		return added.status;
	}

	/** Lists a version that was not even tried, with the reason. */
	refuseVersion(
		name: string,
		{ version, dir }: VersionEntry,
		error: MlshipError,
	): VersionStatus {
		const status: VersionStatus = { version, dir, state: "END", error };
		this.#modelFor(name).entries.set(version, { status });
		return status;
	}

	/** Takes a version out of service at once, and resolves when what it was running is done. */
	async removeVersion(name: string, version: bigint): Promise<void> {
		const model = this.#models.get(name);
		const entry = model?.entries.get(version);
		if (model === undefined || entry === undefined) return;
		const { served } = entry;
		entry.served = undefined;
		entry.status = { version, dir: entry.status.dir, state: "UNLOADING" };
		model.latest = latestOf(model);
		await served?.loaded.close();
		if (model.entries.get(version) === entry) model.entries.delete(version);
		if (model.entries.size === 0) this.#models.delete(name);
	}

	/**
	 * The version that answers: the chosen one, or the latest available. Fails in TensorFlow Serving's words, with
	 * NOT_FOUND, with INVALID for a label that is not there, with NOT_READY while a version loads that would do.
	 */
	find(name: string, choice?: VersionChoice): Served {
		if (choice !== undefined && "label" in choice)
			throw fail(
				"INVALID",
				`Unrecognized servable version label: ${choice.label}`,
			);
		const model = this.#models.get(name);
		const served =
			choice === undefined
				? model?.latest
				: model?.entries.get(choice.version)?.served;
		if (served !== undefined) return served;
		const loading = this.#loading(name, choice?.version);
		if (loading !== undefined)
			throw fail(
				"NOT_READY",
				`cannot use model "${name}": version ${loading} is being loaded`,
			);
		const wanted =
			choice === undefined
				? `Latest(${name})`
				: `Specific(${name}, ${choice.version})`;
		throw fail("NOT_FOUND", `Servable not found for request: ${wanted}`);
	}

	/** The versions of a model, the latest first; none for an unknown model. */
	statuses(name: string): readonly VersionStatus[] {
		const entries = this.#models.get(name)?.entries ?? new Map<bigint, Entry>();
		return [...entries.values()]
			.map(({ status }) => status)
			.sort((a, b) => (a.version < b.version ? 1 : -1));
	}

	/** Whether a model has a version that answers. */
	isAvailable(name: string): boolean {
		return this.#models.get(name)?.latest !== undefined;
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all(
			this.names.flatMap((name) =>
				this.statuses(name).map(({ version }) =>
					this.removeVersion(name, version),
				),
			),
		);
	}

	#modelFor(name: string): Model {
		const known = this.#models.get(name);
		if (known !== undefined) return known;
		const model: Model = { entries: new Map(), latest: undefined };
		this.#models.set(name, model);
		return model;
	}

	#loading(name: string, version: bigint | undefined): bigint | undefined {
		return this.statuses(name).find(
			(status) =>
				status.state === "LOADING" &&
				(version === undefined || version === status.version),
		)?.version;
	}
}

function isAlive(entry: Entry | undefined): boolean {
	return entry !== undefined && entry.status.state !== "END";
}

function latestOf({ entries }: Model): Served | undefined {
	let latest: Served | undefined;
	for (const { served } of entries.values())
		if (served && (latest === undefined || served.version > latest.version))
			latest = served;
	return latest;
}
