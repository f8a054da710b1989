import type { MetaGraphDef, SignatureDef } from "../../gen/saved_model_pb.js";
import type { Session } from "../engines/engine.js";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
	listSignatures,
	type Signature,
} from "../savedmodel/signature.js";

/** A version of a model, ready to run. Has a lifetime: `close()` waits for what is running and ends its sessions. */
export interface LoadedVersion {
	readonly dir: string;
	/** What can be called, sorted by key. */
	readonly signatures: ReadonlyMap<string, Signature>;
	/** The signature of a key; fails with NOT_FOUND, or with UNSUPPORTED where no plain tensors go in and out. */
	signature(key: string): Signature;
	/** All that the exporter wrote, also what cannot be called. */
	readonly definitions: Readonly<Record<string, SignatureDef>>;
	/** The features of examples that the model parses as floats. */
	readonly floatFeatures: ReadonlySet<string>;
	/** Why signatures that were tried cannot run, by key. */
	readonly refused: ReadonlyMap<string, MlshipError>;
	/**
	 * Gives a signature's session to `task`; the version stays open until that is done. Fails with NOT_FOUND for an unknown
	 * key, with NOT_READY once `close()` was called, with the reason of its engine for a signature that cannot run.
	 */
	use<T>(key: string, task: (session: Session) => Promise<T>): Promise<T>;
	close(): Promise<void>;
}

/** What is known of a version besides its graph, which may hold the weights. */
export interface Catalog {
	/** With nothing but signatures in it. */
	readonly signatures: MetaGraphDef;
	/** The features of examples that the model parses as floats. */
	readonly floatFeatures: ReadonlySet<string>;
}

/** A version whose signatures are opened when they are first used, or before by `openFirst`. */
export class Version implements LoadedVersion {
	readonly dir: string;
	readonly signatures: ReadonlyMap<string, Signature>;
	readonly floatFeatures: ReadonlySet<string>;
	readonly refused = new Map<string, MlshipError>();
	/** The signatures without the graph, which may hold the weights. */
	readonly #catalog: MetaGraphDef;
	/** Let go when every signature is open. */
	#open: ((signature: Signature) => Promise<Session>) | undefined;
	/** One promise a signature, so that requests that come together share one session. */
	readonly #sessions = new Map<string, Promise<Session>>();
	/** One of its signatures could be opened, so its files were whole then. */
	#isLoaded = false;
	#opened = 0;
	#running = 0;
	#closed: Promise<void> | undefined;
	#lastIsDone: () => void = () => undefined;

	constructor(
		dir: string,
		{ signatures, floatFeatures }: Catalog,
		open: (signature: Signature) => Promise<Session>,
	) {
		this.dir = dir;
		this.#open = open;
		this.#catalog = signatures;
		this.floatFeatures = floatFeatures;
		this.signatures = new Map(
			listSignatures(signatures).map((signature) => [signature.key, signature]),
		);
	}

	get definitions(): Readonly<Record<string, SignatureDef>> {
		return this.#catalog.signatureDef;
	}

	signature(key: string): Signature {
		return this.signatures.get(key) ?? findSignature(this.#catalog, key);
	}

	/** A model without signatures is loaded like any other, as TensorFlow Serving does. */
	async openFirst(): Promise<void> {
		const keys = [...this.signatures.keys()].sort(
			(a, b) =>
				Number(b === DEFAULT_SIGNATURE) - Number(a === DEFAULT_SIGNATURE),
		);
		for (const key of keys) {
			try {
				await this.#session(key);
				this.#isLoaded = true;
				return;
			} catch (error) {
				if (!this.refused.has(key)) throw error;
			}
		}
		if (keys.length > 0) throw this.refused.get(keys[0]);
	}

	async use<T>(
		key: string,
		task: (session: Session) => Promise<T>,
	): Promise<T> {
		if (this.#closed !== undefined)
			throw fail("NOT_READY", "cannot run: the version is being unloaded");
		this.#running++;
		try {
			return await task(await this.#session(key));
		} finally {
			this.#running--;
			if (this.#running === 0) this.#lastIsDone();
		}
	}

	close(): Promise<void> {
		this.#closed ??= this.#drain();
		return this.#closed;
	}

	async #drain(): Promise<void> {
		if (this.#running > 0)
			await new Promise<void>((resolve) => {
				this.#lastIsDone = resolve;
			});
		const opened = await Promise.allSettled(this.#sessions.values());
		await Promise.all(
			opened.map((session) =>
				session.status === "fulfilled" ? session.value.close() : undefined,
			),
		);
	}

	#session(key: string): Promise<Session> {
		const known = this.#sessions.get(key);
		if (known !== undefined) return known;
		const signature = this.signature(key);
		if (this.#open === undefined)
			throw fail("BUG", `signature "${key}" is neither open nor to be opened`);
		const opened = this.#open(signature);
		const opening = this.#isLoaded
			? opened.catch((error: unknown) => Promise.reject(mayPass(key, error)))
			: opened;
		this.#sessions.set(key, opening);
		opening.then(
			() => this.#noteOpened(),
			(error) => this.#noteRefused(key, asMlshipError(error)),
		);
		return opening;
	}

	#noteOpened(): void {
		this.#opened++;
		if (this.#opened === this.signatures.size) this.#open = undefined;
	}

	/** What a model asks for will not change, so it is not tried again; what a disk or a thread does may. */
	#noteRefused(key: string, error: MlshipError): void {
		if (error.code === "UNSUPPORTED") this.refused.set(key, error);
		else this.#sessions.delete(key);
	}
}

/** What is wrong with the files of a version that was loaded, as with a disk that is away, may pass. */
function mayPass(key: string, error: unknown): MlshipError {
	const reason = asMlshipError(error);
	return LOST.has(reason.code)
		? fail("NOT_READY", `cannot open signature "${key}": ${reason.message}`, {
				cause: reason,
			})
		: reason;
}

const LOST: ReadonlySet<string> = new Set(["NOT_FOUND", "CORRUPT", "DENIED"]);
