import { asMlshipError, fail, type MlshipError } from "../errors.js";
import type { VersionEntry } from "../repository/list.js";
import { type Completeness, isComplete } from "../repository/ready.js";
import {
	type Release,
	readRelease,
	type Share,
	type Split,
} from "../repository/release.js";
import { fingerprint, scanVersions } from "../repository/scan.js";
import type { ModelConfig } from "./config/models.js";
import type { Host } from "./host.js";
import { candidatesOf, countOf } from "./versions.js";

/** What happened to a model, once a change. */
export interface WatchEvent {
	readonly kind: "available" | "unloaded" | "failed" | "trouble" | "recovered";
	readonly model: string;
	readonly version?: bigint;
	/** Of `failed` and `trouble`. */
	readonly error?: MlshipError;
}

export interface WatchOptions {
	/** How often a version is tried again that failed for no reason of its own, as long as its folder stays as it is. */
	readonly retries?: number;
	/** Between two tries, in milliseconds. */
	readonly retryMs?: number;
	/** As TensorFlow Serving: whatever failed is tried again, and where no version is left none is served. */
	readonly strict?: boolean;
	/** Labels of a configuration may point to versions that do not answer. */
	readonly allowsUnavailableLabels?: boolean;
	/** Whether a version folder is whole. */
	readonly check?: (dir: string) => Completeness | Promise<Completeness>;
	/** Milliseconds that only grow. */
	readonly now?: () => number;
	readonly report?: (event: WatchEvent) => void;
}

interface Failure {
	readonly print: string;
	readonly error: MlshipError;
	readonly tries: number;
	/** When it may be tried again, its folder being the same. */
	readonly retryAt: number;
}

/**
 * One model, whose versions are made what its configuration and its folder say, step by step: new ones are loaded before
 * old ones go, so that one always answers. Has a lifetime.
 */
export class WatchedModel {
	readonly #host: Host;
	readonly #options: WatchOptions;
	#config: ModelConfig;
	/** Folders that were not whole, or are new, as they were when they were last looked at. */
	readonly #unsettled = new Map<string, string>();
	readonly #failures = new Map<string, Failure>();
	/** Folders that need not come to rest: they were there at first, or were looked at before and not wanted. */
	readonly #settled = new Set<string>();
	/** Versions that finish what they run, and when each is gone. */
	readonly #leaving = new Map<bigint, Promise<void>>();
	#known: string | undefined;
	#trouble: string | undefined;
	#release: Release = { labels: new Map() };
	/** How requests are shared out: as wanted, or as before as long as no version that is wanted answers. */
	#split: Split | undefined;
	#updating: Promise<void> | undefined;
	#isStopped = false;

	constructor(host: Host, config: ModelConfig, options: WatchOptions) {
		this.#host = host;
		this.#config = config;
		this.#options = options;
	}

	get config(): ModelConfig {
		return this.#config;
	}

	/** When a version may be tried again, in the time of `now`; undefined where none waits. */
	get retryAt(): number | undefined {
		const times = [...this.#failures.values()]
			.map(({ retryAt }) => retryAt)
			.filter(Number.isFinite);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	/** Why no version answers; undefined where one does. */
	get trouble(): MlshipError | undefined {
		const { name, basePath: path } = this.#config;
		if (this.#host.isAvailable(name)) return undefined;
		if (this.#trouble !== undefined) return fail("NOT_FOUND", this.#trouble);
		const [failed] = this.#host
			.statuses(name)
			.flatMap(({ error }) => error ?? []);
		return (
			failed ??
			fail("NOT_FOUND", `cannot find the version of "${name}" in ${path}`)
		);
	}

	/** Takes over another configuration, and resolves when all that it asks for was tried. */
	async apply(config: ModelConfig): Promise<void> {
		this.#config = config;
		while (this.#updating !== undefined) await this.#updating;
		await this.update();
	}

	/** Looks at the folder once. Never fails; does nothing where a look is under way. */
	async update(): Promise<void> {
		if (this.#isStopped) return;
		if (this.#updating === undefined) {
			const updating = this.#update().finally(() => {
				this.#updating = undefined;
			});
			this.#updating = updating;
		}
		await this.#updating;
	}

	/** Loads nothing more. */
	stop(): void {
		this.#isStopped = true;
	}

	async #update(): Promise<void> {
		const { basePath: path, name } = this.#config;
		try {
			const versions = await scanVersions(path);
			const trouble = await this.#readRelease();
			await this.#serve(versions);
			this.#noteTrouble(
				versions.length === 0
					? `cannot find a version of model "${name}" in ${path}: a folder with a number as its name is wanted`
					: trouble,
			);
		} catch (error) {
			this.#noteTrouble(
				`cannot look for versions of model "${name}": ${asMlshipError(error).message}`,
			);
		}
	}

	/** A file that cannot be read leaves all as it was; gives the reason. */
	async #readRelease(): Promise<string | undefined> {
		const { name, basePath: path, labels } = this.#config;
		let trouble: string | undefined;
		try {
			this.#release = await readRelease(path);
		} catch (error) {
			trouble = asMlshipError(error).message;
		}
		if (this.#isStopped) return trouble;
		// what a configuration says comes before what the model's folder says
		this.#host.setLabels(name, new Map([...this.#release.labels, ...labels]));
		this.#settleSplit("all");
		return trouble;
	}

	/** A split takes over when all of its versions answer, and once they were tried when one does: the others were in vain. */
	#settleSplit(when: "all" | "some"): void {
		const { name } = this.#config;
		const wanted = this.#release.split;
		const answers = ({ version }: Share) => this.#host.isServed(name, version);
		const isThere =
			when === "all"
				? wanted?.shares.every(answers)
				: wanted?.shares.some(answers);
		const hasOne = this.#split?.shares.some(answers) ?? false;
		if (isThere !== false || !hasOne) this.#split = wanted;
		this.#host.setSplit(name, this.#split);
	}

	async #serve(versions: readonly VersionEntry[]): Promise<void> {
		const { policy, basePath: path } = this.#config;
		this.#forget(versions);
		if (this.#known !== path)
			for (const { dir } of versions) this.#settled.add(dir);
		let missing = countOf(policy);
		const kept = new Set<bigint>();
		const candidates = this.#candidates(versions);
		this.#rollBack(versions, candidates);
		for (const entry of candidates) {
			const isNamed = this.#named().has(entry.version);
			if (missing <= 0 && !isNamed) continue;
			const isServed = await this.#isServed(entry);
			if (isServed) kept.add(entry.version);
			// upstream wants the latest ones and no others, whether they load or not
			if (isServed || this.#options.strict === true) missing--;
		}
		if (!this.#isStopped) this.#settleSplit("some");
		this.#known = path;
		for (const { dir } of versions)
			if (!this.#unsettled.has(dir)) this.#settled.add(dir);
		if (this.#isStopped) return;
		const isEmpty = this.#options.strict === true && candidates.length === 0;
		if (kept.size > 0 || isEmpty) this.#unload(kept);
	}

	/** A version whose folder is gone goes at once where another one answers that may stay. */
	#rollBack(
		versions: readonly VersionEntry[],
		candidates: readonly VersionEntry[],
	): void {
		const { name } = this.#config;
		const listed = new Set(versions.map(({ version }) => version));
		const stays = candidates.some(({ version }) =>
			this.#host.isServed(name, version),
		);
		if (!stays) return;
		for (const { version, state } of this.#host.statuses(name))
			if (state === "AVAILABLE" && !listed.has(version)) this.#remove(version);
	}

	/** Those that the policy may take, and those that `mlship.json` names. */
	#candidates(versions: readonly VersionEntry[]): VersionEntry[] {
		const named = this.#named();
		const wanted = candidatesOf(versions, this.#config.policy);
		const others = versions.filter(
			(entry) => named.has(entry.version) && !wanted.includes(entry),
		);
		return candidatesOf([...wanted, ...others], "all");
	}

	/** Those too that answer until others do which are to take their place. */
	#named(): ReadonlySet<bigint> {
		const { labels, split } = this.#release;
		const shares = [...(split?.shares ?? []), ...(this.#split?.shares ?? [])];
		const labelled = [...labels.keys()].map((label) =>
			this.#host.labelled(this.#config.name, label),
		);
		return new Set([
			...labels.values(),
			...labelled.filter((version) => version !== undefined),
			...shares.map(({ version }) => version),
		]);
	}

	/** Whether a version answers; loads it if it is to be. */
	async #isServed(entry: VersionEntry): Promise<boolean> {
		const { name } = this.#config;
		const { version, dir } = entry;
		// one that is wanted again comes back once it is gone, and no older one in its place
		await this.#leaving.get(version);
		const known = this.#host
			.statuses(name)
			.find((status) => status.version === version);
		if (known?.state === "AVAILABLE" && known.dir === dir) return true;
		if (this.#isStopped || known?.state === "UNLOADING") return false;
		const print = await fingerprint(dir);
		const failure = this.#failures.get(dir);
		if (failure?.print === print && !this.#isDue(failure))
			return this.#host.isServed(name, version);
		const waited = this.#unsettled.get(dir);
		if (waited !== print) this.#unsettled.set(dir, print);
		// sizes that stay as they are tell that nobody is copying
		if (!this.#settled.has(dir) && waited !== print) return false;
		await this.#load(entry, print);
		return this.#host.isServed(name, version);
	}

	#isDue({ retryAt }: Failure): boolean {
		return this.#now() >= retryAt;
	}

	async #load(entry: VersionEntry, print: string): Promise<void> {
		const { name } = this.#config;
		const { version, dir } = entry;
		const { check = isComplete } = this.#options;
		const completeness = await check(dir);
		if (this.#isStopped) return;
		const { state, error } = completeness.complete
			? await this.#host.addVersion(name, entry)
			: this.#refuse(entry, completeness.reason);
		if (error !== undefined) this.#noteFailure(entry, print, error);
		else if (state === "AVAILABLE") {
			this.#failures.delete(dir);
			this.#unsettled.delete(dir);
			this.#report({ kind: "available", model: name, version });
		}
	}

	#refuse(entry: VersionEntry, reason: string) {
		const error = fail("NOT_READY", `the version is not complete: ${reason}`);
		const { name } = this.#config;
		// what answers from another folder goes on
		if (this.#host.isServed(name, entry.version))
			return { state: "AVAILABLE", error } as const;
		return this.#host.refuseVersion(name, entry, error);
	}

	#noteFailure(
		{ version, dir }: VersionEntry,
		print: string,
		error: MlshipError,
	): void {
		const { retries = 0, retryMs = 60_000, strict = false } = this.#options;
		this.#settled.delete(dir);
		const before = this.#failures.get(dir);
		const tries = before?.print === print ? before.tries + 1 : 1;
		const isWorth = strict || PASSING.has(error.code);
		this.#failures.set(dir, {
			print,
			error,
			tries,
			retryAt:
				isWorth && tries <= retries
					? this.#now() + Math.max(0, retryMs)
					: Number.POSITIVE_INFINITY,
		});
		if (before?.error.message !== error.message)
			this.#report({
				kind: "failed",
				model: this.#config.name,
				version,
				error,
			});
	}

	/** What is known of folders that are gone. */
	#forget(versions: readonly VersionEntry[]): void {
		const { name } = this.#config;
		const dirs = new Set(versions.map(({ dir }) => dir));
		for (const known of [this.#failures, this.#unsettled])
			for (const dir of known.keys()) if (!dirs.has(dir)) known.delete(dir);
		for (const dir of this.#settled)
			if (!dirs.has(dir)) this.#settled.delete(dir);
		for (const { version, dir, state } of this.#host.statuses(name))
			if (state === "END" && !dirs.has(dir))
				void this.#host.removeVersion(name, version);
	}

	/** What is not kept goes, and what failed is no news once later versions answer. */
	#unload(kept: ReadonlySet<bigint>): void {
		const { name } = this.#config;
		const oldest = [...kept].reduce(
			(least, version) => (version < least ? version : least),
			kept.values().next().value ?? 0n,
		);
		for (const { version, state } of this.#host.statuses(name)) {
			if (kept.has(version) || state === "UNLOADING") continue;
			if (state === "END" && version > oldest) continue;
			if (state === "AVAILABLE") this.#remove(version);
			else void this.#host.removeVersion(name, version);
		}
	}

	/** Nobody waits for what it is running, unless it is wanted again. */
	#remove(version: bigint): void {
		const model = this.#config.name;
		const leaving = this.#host
			.removeVersion(model, version)
			.then(
				() => this.#report({ kind: "unloaded", model, version }),
				(error) =>
					this.#report({
						kind: "trouble",
						model,
						version,
						error: asMlshipError(error),
					}),
			)
			.finally(() => this.#leaving.delete(version));
		this.#leaving.set(version, leaving);
	}

	#noteTrouble(message: string | undefined): void {
		if (this.#trouble === message) return;
		this.#trouble = message;
		const model = this.#config.name;
		this.#report(
			message === undefined
				? { kind: "recovered", model }
				: { kind: "trouble", model, error: fail("NOT_FOUND", message) },
		);
	}

	#report(event: WatchEvent): void {
		this.#options.report?.(event);
	}

	#now(): number {
		return (this.#options.now ?? (() => performance.now()))();
	}
}

/** What may go over by itself: not so what a model asks for, or what its bytes are. */
const PASSING: ReadonlySet<string> = new Set([
	"NOT_READY",
	"TIMEOUT",
	"OVERLOADED",
	"DENIED",
	"NOT_FOUND",
	"BUG",
]);
