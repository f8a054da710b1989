import type { MlshipError } from "../errors.js";
import type { VersionEntry } from "../repository/list.js";
import type { BatchObserver } from "./batching/observer.js";

/** What a request asks for; `other` is what no route knows. */
export type Api =
	| "predict"
	| "classify"
	| "regress"
	| "multi_inference"
	| "metadata"
	| "status"
	| "models"
	| "reload"
	| "other";

/** What becomes known of a request while it is answered: whoever finds something out writes it here, but nothing of its payload. */
export interface Trace {
	/** Also told to the caller, who may have chosen it. */
	readonly id: string;
	readonly protocol: "rest" | "grpc";
	/** As `performance.now()` had it when the request had been read. */
	readonly since: number;
	readonly bytesIn: number;
	/** Where it came from. */
	readonly remote?: string | undefined;
	/** HTTP's method. */
	readonly method: string;
	/** Without a query. */
	readonly path: string;
	/** Undefined for what asks for the server's own state, as probes do: nobody is told of that. */
	api?: Api | undefined;
	/** As the caller wrote it, whether there is such a model or not. */
	model?: string | undefined;
	/** That was found to answer. */
	version?: bigint | undefined;
	/** Of a call with `tf.Example`. */
	examples?: number | undefined;
	/** What the model took, waiting for others included. */
	runMs?: number | undefined;
}

/** How a request ended. */
export interface Ending {
	/** The canonical status: OK, INVALID_ARGUMENT … */
	readonly code: string;
	/** The protocol's number for it. */
	readonly status: number;
	readonly bytesOut: number;
}

/** Is told of requests. */
export interface RequestObserver {
	began?(trace: Trace): void;
	/** Its answer was handed over. */
	ended(trace: Trace, ending: Ending): void;
}

/** A version that was tried. */
export interface LoadReport extends VersionEntry {
	readonly model: string;
	readonly seconds: number;
	/** Why it did not load. */
	readonly error?: MlshipError | undefined;
}

/** The requests that a version brought were run. */
export interface WarmUpReport {
	/** The version's folder. */
	readonly dir: string;
	/** How many were answered. */
	readonly records: number;
	readonly seconds: number;
	readonly error?: MlshipError | undefined;
}

/** Is told how versions come and go. */
export interface LifecycleObserver {
	loaded(report: LoadReport): void;
	warmedUp(report: WarmUpReport): void;
	/** A version is gone, what it was running included. */
	unloaded(version: VersionEntry & { readonly model: string }): void;
}

/** What a server tells of itself, to whoever makes metrics of it: protocols, batching and the host know nothing else of them. */
export interface Observer
	extends RequestObserver,
		BatchObserver,
		LifecycleObserver {}
