import { asMlshipError, fail, type MlshipError } from "../errors.js";
import type { VersionEntry } from "../repository/list.js";
import type { Split } from "../repository/release.js";
import { Labels } from "./labels.js";
import type { LoadedVersion } from "./load.js";
import { noLabel, notFound } from "./not-found.js";
import type { LifecycleObserver } from "./observer.js";
import { shareOf } from "./split.js";

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

export interface HostOptions {
	/** Versions that were unloaded stay listed, as TensorFlow Serving lists them (`--compat strict`). */
	readonly keepsEnded?: boolean;
	readonly observer?: LifecycleObserver | undefined;
}

interface Entry {
	status: VersionStatus;
	served?: Served | undefined;
}

interface Model {
	readonly entries: Map<bigint, Entry>;
	/** The highest available version, which most requests want. */
	latest: Served | undefined;
}

interface Routing {
	readonly labels: Labels;
	split?: Split | undefined;
}

/** The models that are served. Has a lifetime: `close()` waits for what is running. */
export class Host {
	readonly #load: (dir: string) => Promise<LoadedVersion>;
	readonly #keepsEnded: boolean;
	readonly #observer: LifecycleObserver | undefined;
	readonly #models = new Map<string, Model>();
	readonly #routings = new Map<string, Routing>();
	/** Versions that were replaced, until they have drained. */
	readonly #draining = new Set<Promise<void>>();
	#isClosed = false;

	constructor(
		load: (dir: string) => Promise<LoadedVersion>,
		{ keepsEnded = false, observer }: HostOptions = {},
	) {
		this.#load = load;
		this.#keepsEnded = keepsEnded;
		this.#observer = observer;
	}

	/** Sorted by name. */
	get names(): readonly string[] {
		return [...this.#models.keys()].sort();
	}

	/**
	 * Loads a version and serves it from then on. A version that does not load is no failure here: the status that this
	 * resolves to says so, and the other versions serve on. One that is served from another folder is replaced when the new
	 * one is there.
	 */
	async addVersion(name: string, entry: VersionEntry): Promise<VersionStatus> {
		if (this.#isClosed)
			throw fail("NOT_READY", "cannot load a version: the server is stopping");
		const model = this.#modelFor(name);
		const { version, dir } = entry;
		const known = model.entries.get(version);
		if (isAlive(known) && (known?.status.dir === dir || !known?.served))
			throw fail(
				"INVALID",
				`cannot add version ${version} of model "${name}": it is served already`,
			);
		const replaced = known?.served;
		const added: Entry = {
			status: { version, dir, state: "LOADING" },
			served: replaced,
		};
		model.entries.set(version, added);
		const before = performance.now();
		try {
			const loaded = await this.#load(dir);
			if (isWanted(model, added)) {
				added.served = { version, loaded };
				added.status = { version, dir, state: "AVAILABLE" };
				if (replaced) this.#drain(name, replaced);
			} else {
				added.status = { version, dir, state: "END" };
				await loaded.close();
			}
		} catch (error) {
			const wasWanted = isWanted(model, added);
			const reason = asMlshipError(error);
			added.status = { version, dir, state: "END", error: reason };
			if (replaced && wasWanted && known) model.entries.set(version, known);
		}
		this.#changed(name, model);
		const seconds = (performance.now() - before) / 1000;
		const { error } = added.status;
		this.#observer?.loaded({ model: name, version, dir, seconds, error });
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
		const { served, status } = entry;
		if (this.#keepsEnded && served === undefined && status.state === "END")
			return;
		entry.served = undefined;
		entry.status = { version, dir: status.dir, state: "UNLOADING" };
		this.#changed(name, model);
		await served?.loaded.close();
		if (this.#keepsEnded)
			entry.status = { version, dir: status.dir, state: "END" };
		else if (model.entries.get(version) === entry)
			model.entries.delete(version);
		if (model.entries.size === 0 && this.#models.get(name) === model)
			this.#models.delete(name);
		this.#observer?.unloaded({ model: name, version, dir: status.dir });
	}

	/** Takes all versions of a model out of service, and forgets its labels and its split. */
	async removeModel(name: string): Promise<void> {
		this.#routings.delete(name);
		await Promise.all(
			this.statuses(name).map(({ version }) =>
				this.removeVersion(name, version),
			),
		);
	}

	/** Where labels are to point; a label moves when its version answers. */
	setLabels(name: string, wanted: ReadonlyMap<string, bigint>): void {
		const { labels } = this.#routingFor(name);
		labels.set(wanted);
		labels.settle((version) => this.#served(name, version) !== undefined);
	}

	/** Points a label at a version at once, whether that answers or not. */
	assignLabel(name: string, label: string, version: bigint): void {
		this.#routingFor(name).labels.assign(label, version);
	}

	/** The version that a label names now. */
	labelled(name: string, label: string): bigint | undefined {
		return this.#routings.get(name)?.labels.version(label);
	}

	/** How requests without a version are shared out; undefined for all to the latest. */
	setSplit(name: string, split: Split | undefined): void {
		this.#routingFor(name).split = split;
	}

	/** What `find` is to be given as its key: the value of the header by which a model's requests are split. */
	routingKey(
		name: string,
		header: (name: string) => string | undefined,
	): string | undefined {
		const wanted = this.#routings.get(name)?.split?.header;
		return wanted === undefined ? undefined : header(wanted);
	}

	/**
	 * The version that answers: the chosen one, or without a choice that of the model's split, or the latest available. Of
	 * a split the same `key` gets the same version, and chance decides where there is none. Fails in TensorFlow Serving's
	 * words, with NOT_FOUND, with INVALID for a label that is not there, with NOT_READY while a version loads that would do.
	 */
	find(name: string, choice?: VersionChoice, key?: string): Served {
		const version =
			choice === undefined
				? undefined
				: "label" in choice
					? this.#versionOf(name, choice.label)
					: choice.version;
		const served =
			version === undefined
				? this.#unnamed(name, key)
				: this.#served(name, version);
		if (served !== undefined) return served;
		this.#refuseWhileLoading(name, version);
		const wanted =
			version === undefined
				? `Latest(${name})`
				: `Specific(${name}, ${version})`;
		throw notFound(`Servable not found for request: ${wanted}`, {
			name,
			statuses: this.statuses(name),
			names: this.names,
		});
	}

	/** Whether a model has versions, whatever their state is. */
	knows(name: string): boolean {
		return this.#models.has(name);
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

	/** Whether a version answers. */
	isServed(name: string, version: bigint): boolean {
		return this.#served(name, version) !== undefined;
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all(this.names.map((name) => this.removeModel(name)));
		await Promise.all(this.#draining);
	}

	#modelFor(name: string): Model {
		const known = this.#models.get(name);
		if (known !== undefined) return known;
		const model: Model = { entries: new Map(), latest: undefined };
		this.#models.set(name, model);
		return model;
	}

	#routingFor(name: string): Routing {
		const known = this.#routings.get(name);
		if (known !== undefined) return known;
		const routing: Routing = { labels: new Labels() };
		this.#routings.set(name, routing);
		return routing;
	}

	#served(name: string, version: bigint): Served | undefined {
		return this.#models.get(name)?.entries.get(version)?.served;
	}

	#changed(name: string, model: Model): void {
		model.latest = latestOf(model);
		this.#routings
			.get(name)
			?.labels.settle((version) => this.#served(name, version) !== undefined);
	}

	#drain(model: string, { version, loaded }: Served): void {
		const drained = loaded.close().finally(() => {
			this.#draining.delete(drained);
			this.#observer?.unloaded({ model, version, dir: loaded.dir });
		});
		this.#draining.add(drained);
		drained.catch(() => undefined);
	}

	#versionOf(name: string, label: string): bigint {
		const labels = this.#routings.get(name)?.labels;
		const version = labels?.version(label);
		if (version !== undefined) return version;
		const wanted = labels?.wanted(label);
		if (wanted !== undefined) this.#refuseWhileLoading(name, wanted);
		throw noLabel(label, labels?.names ?? []);
	}

	#unnamed(name: string, key: string | undefined): Served | undefined {
		const latest = this.#models.get(name)?.latest;
		const split = this.#routings.get(name)?.split;
		if (split === undefined) return latest;
		const shares = split.shares.flatMap((share) => {
			const served = this.#served(name, share.version);
			return served === undefined ? [] : [{ ...share, served }];
		});
		const share = shareOf(shares, key ?? String(Math.random()));
		return share?.served ?? latest;
	}

	#refuseWhileLoading(name: string, version: bigint | undefined): void {
		const loading = this.statuses(name).find(
			(status) =>
				status.state === "LOADING" &&
				(version === undefined || version === status.version),
		)?.version;
		if (loading !== undefined)
			throw fail(
				"NOT_READY",
				`cannot use model "${name}": version ${loading} is being loaded`,
			);
	}
}

function isAlive(entry: Entry | undefined): boolean {
	return entry !== undefined && entry.status.state !== "END";
}

/** Whether nobody removed a version while it was being loaded. */
function isWanted({ entries }: Model, entry: Entry): boolean {
	const { version, state } = entry.status;
	return entries.get(version) === entry && state === "LOADING";
}

function latestOf({ entries }: Model): Served | undefined {
	let latest: Served | undefined;
	for (const { served } of entries.values())
		if (served && (latest === undefined || served.version > latest.version))
			latest = served;
	return latest;
}
