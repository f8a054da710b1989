import { availableParallelism } from "node:os";
import { create } from "@bufbuild/protobuf";
import {
	type MetaGraphDef,
	MetaGraphDefSchema,
	type SignatureDef,
} from "../../gen/saved_model_pb.js";
import type { EngineOptions, Session } from "../engines/engine.js";
import { loadOnnxFile, loadProgram } from "../engines/index.js";
import { VariableStore } from "../engines/state.js";
import { asMlshipError, fail, type MlshipError } from "../errors.js";
import { statPath } from "../formats/file.js";
import { buildProgram } from "../graph/build.js";
import type { Program } from "../graph/ir.js";
import { weightBytes } from "../graph/weights.js";
import type { OnnxModel } from "../onnx/read.js";
import { floatFeatures } from "../ops/parse/features.js";
import { readVersion, type VersionFile } from "../repository/version.js";
import { findMetaGraph, readSavedModel } from "../savedmodel/read.js";
import {
	DEFAULT_SIGNATURE,
	findSignature,
	listSignatures,
	type Signature,
} from "../savedmodel/signature.js";
import { bindVariables } from "../savedmodel/variables.js";
import { type Batcher, UNKNOWN_TRAITS } from "./batching/batcher.js";
import { batchTraits } from "./batching/traits.js";
import { shareCores } from "./workers.js";

export interface LoadOptions extends EngineOptions {
	/** The tag set of the graph to serve; without it the only graph, or the one tagged `serve`. */
	readonly tags?: readonly string[];
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string;
	/** Nothing is opened before it is used: for a caller that asks one signature once. */
	readonly lazy?: boolean;
	/** Puts requests together; without it each runs by itself. */
	readonly batcher?: Batcher;
}

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

/** Makes a session for a signature; tests give a fake one. */
export type OpenSession = (
	source: SessionSource,
	options: LoadOptions,
) => Promise<Session>;

export interface SessionSource {
	readonly model: VersionFile;
	readonly metaGraph: MetaGraphDef;
	readonly signature: Signature;
}

/**
 * Loads a SavedModel folder, or an ONNX file. The default signature is opened at once, so that a model that cannot run says so here; when it
 * is the only trouble, another signature that opens is enough. The rest are opened when they are first used.
 */
export async function loadModel(
	dir: string,
	options: LoadOptions = {},
	openSession: OpenSession = openOnEngine,
): Promise<LoadedVersion> {
	const model = readVersion(dir);
	const metaGraph = findMetaGraph(model, options.tags);
	const variables = new VariableStore();
	const version = new Version(dir, metaGraph, (signature) =>
		openSession({ model, metaGraph, signature }, { variables, ...options }),
	);
	if (options.lazy !== true) await version.openFirst();
	return version;
}

async function openOnEngine(
	{ model, metaGraph, signature }: SessionSource,
	{ engine, batcher, ...options }: LoadOptions,
): Promise<Session> {
	const { dir } = model;
	if (model.onnx !== undefined) {
		const { session, workers } = await openOnnx(model.onnx, engine, options);
		const traits = UNKNOWN_TRAITS;
		return batcher?.around({ dir, session, workers, traits }) ?? session;
	}
	const variables = bindVariables(model, metaGraph);
	const program = buildProgram({ model, metaGraph, signature, variables });
	const shares = shareCores(options, {
		cores: availableParallelism(),
		weightBytes: weightBytes(program),
	});
	const tags = metaGraph.metaInfoDef?.tags ?? [];
	const traits = batchTraits(program);
	const session = await loadProgram(program, engine, {
		...options,
		...shares,
		origin: { dir, tags, signature },
		reread: rereader(dir, tags, signature),
	});
	const { workers } = shares;
	return batcher?.around({ dir, session, workers, traits }) ?? session;
}

/** Apart from what the model itself is seen by, whose memory is to be free. */
function rereader(
	dir: string,
	tags: readonly string[],
	signature: Signature,
): () => Program {
	return () => {
		const model = readSavedModel(dir);
		const metaGraph = findMetaGraph(model, tags);
		const variables = bindVariables(model, metaGraph);
		return buildProgram({ model, metaGraph, signature, variables });
	};
}

async function openOnnx(
	model: OnnxModel,
	engine: string | undefined,
	options: LoadOptions,
): Promise<{ readonly session: Session; readonly workers: number }> {
	const files = [model.path, ...model.external.map(({ path }) => path)];
	const shares = shareCores(options, {
		cores: availableParallelism(),
		weightBytes: files.reduce(
			(sum, path) => sum + (statPath(path)?.size ?? 0),
			0,
		),
	});
	const { workers } = shares;
	const session = await loadOnnxFile(model, engine, { ...options, ...shares });
	return { session, workers };
}

class Version implements LoadedVersion {
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
	#opened = 0;
	#running = 0;
	#closed: Promise<void> | undefined;
	#lastIsDone: () => void = () => undefined;

	constructor(
		dir: string,
		metaGraph: MetaGraphDef,
		open: (signature: Signature) => Promise<Session>,
	) {
		this.dir = dir;
		this.#open = open;
		this.#catalog = create(MetaGraphDefSchema, {
			signatureDef: metaGraph.signatureDef,
		});
		this.floatFeatures =
			metaGraph.graphDef === undefined
				? new Set()
				: floatFeatures(metaGraph.graphDef);
		this.signatures = new Map(
			listSignatures(metaGraph).map((signature) => [signature.key, signature]),
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
		const opening = this.#open(signature);
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
