import type { EngineOptions, Session } from "../engines/engine.js";
import { openPrepared } from "../engines/open.js";
import type { Prepare } from "../engines/prepare.js";
import { VariableStore } from "../engines/state.js";
import { fail } from "../errors.js";
import type { LiteFile } from "../lite/open.js";
import { tagsOf } from "../savedmodel/read.js";
import type { Signature } from "../savedmodel/signature.js";
import { type Batcher, UNKNOWN_TRAITS } from "./batching/batcher.js";
import type { Loader } from "./loading/loader.js";
import {
	catalogOf,
	type PreparedSignature,
	prepareSignature,
	readSource,
	type SessionSource,
	type VersionSource,
} from "./loading/source.js";
import { type LoadedVersion, Version } from "./version.js";

export type { SessionSource } from "./loading/source.js";
export type { LoadedVersion } from "./version.js";

export interface LoadOptions extends EngineOptions {
	/** The tag set of the graph to serve; without it the only graph, or the one tagged `serve`. */
	readonly tags?: readonly string[];
	/** A name of `ENGINE_NAMES`. */
	readonly engine?: string;
	/** Nothing is opened before it is used: for a caller that asks one signature once. */
	readonly lazy?: boolean;
	/** Puts requests together; without it each runs by itself. */
	readonly batcher?: Batcher;
	/** Reads and prepares in a thread of its own, so that this one answers meanwhile. */
	readonly loader?: Loader;
}

/** Makes a session for a signature; tests give a fake one. */
export type OpenSession = (
	source: SessionSource,
	options: LoadOptions,
) => Promise<Session>;

/**
 * Loads a SavedModel folder, or a file of ONNX or TensorFlow Lite. The default signature is opened at once, so that a model that cannot run says so here; when it
 * is the only trouble, another signature that opens is enough. The rest are opened when they are first used.
 */
export async function loadModel(
	dir: string,
	options: LoadOptions = {},
	openSession: OpenSession = openHere,
): Promise<LoadedVersion> {
	const { loader } = options;
	if (loader !== undefined) return loadApart(dir, options, loader);
	const source = readSource(dir, options.tags);
	const given = { variables: new VariableStore(), ...options };
	const version = new Version(dir, catalogOf(source), (signature) =>
		openSession({ ...source, signature }, given),
	);
	if (options.lazy !== true) await version.openFirst();
	return version;
}

function openHere(
	source: SessionSource,
	options: LoadOptions,
): Promise<Session> {
	const { model, metaGraph, signature } = source;
	const { dir, lite } = model;
	if (lite !== undefined) return openLiteHere(lite, signature, options);
	return openOn(
		dir,
		(request) => prepareSignature(source, options, request),
		preparingAgain(dir, tagsOf(metaGraph), signature, options),
		options,
	);
}

async function openLiteHere(
	file: LiteFile,
	{ key }: Signature,
	{ engine = "auto" }: LoadOptions,
): Promise<Session> {
	if (engine !== "auto")
		throw fail(
			"UNSUPPORTED",
			`cannot run ${file.path} with engine "${engine}": TensorFlow Lite's own runtime runs it`,
			{ hint: "leave --engine out" },
		);
	const { openLiteSession } = await import("../engines/tflite/session.js");
	return openLiteSession(file, key);
}

/** Apart from what the model itself is seen by, whose memory is to be free. */
function preparingAgain(
	dir: string,
	tags: readonly string[],
	signature: Signature,
	options: LoadOptions,
): PreparePart {
	return (request) =>
		prepareSignature({ ...readSource(dir, tags), signature }, options, request);
}

/** The same with a loader: what needs the graph happens in its thread. */
function loadApart(
	dir: string,
	options: LoadOptions,
	loader: Loader,
): Promise<LoadedVersion> {
	const { tags, engine, workers, threads } = options;
	const source: VersionSource = {
		dir,
		...(tags && { tags }),
		...(engine && { engine }),
		...(workers !== undefined && { workers }),
		...(threads !== undefined && { threads }),
	};
	const given = { variables: new VariableStore(), ...options };
	return loader.inTurn(async (thread) => {
		// as long as this is its turn, later each has a thread for itself
		let turn: typeof thread | undefined = thread;
		const catalog = await thread.catalog(source);
		const version = new Version(dir, catalog, ({ key }) => {
			const later: PreparePart = (request) =>
				loader.alone((other) => other.prepare(source, key, request));
			const now = turn;
			const first: PreparePart =
				now === undefined
					? later
					: (request) => now.prepare(source, key, request);
			return openOn(dir, first, later, given);
		});
		try {
			if (options.lazy !== true) await version.openFirst();
		} finally {
			turn = undefined;
		}
		return version;
	});
}

type PreparePart = (
	request: Parameters<Prepare>[0],
) => Promise<PreparedSignature>;

async function openOn(
	dir: string,
	first: PreparePart,
	later: PreparePart,
	options: LoadOptions,
): Promise<Session> {
	let traits = UNKNOWN_TRAITS;
	let workers = 0;
	const noted: Prepare = async (request) => {
		const prepared = await first(request);
		({ traits, workers } = prepared);
		return prepared;
	};
	const session = await openPrepared(
		{ first: noted, later, replaces: true },
		options,
	);
	return options.batcher?.around({ dir, session, workers, traits }) ?? session;
}
