import type { Program } from "../graph/ir.js";
import type { OnnxModel } from "../onnx/read.js";
import type { Signature } from "../savedmodel/signature.js";
import type { DType } from "../tensor/dtype.js";
import type { Shape, Tensors } from "../tensor/tensor.js";
import type { Runtime } from "./pool/runner.js";
import type { Sendable } from "./pool/thread.js";
import type { VariableStore } from "./state.js";

export type { Tensors } from "../tensor/tensor.js";

export interface EngineOptions {
	/** How many workers run requests side by side; each holds a copy of the weights. */
	readonly workers?: number;
	/** Threads inside one run. */
	readonly threads?: number;
	readonly origin?: Origin;
	/** Reads the program anew: a worker that dies is replaced with its help, as nobody keeps the weights for that. */
	readonly reread?: () => Program;
	/** Where the variables are kept that signatures set: one store for all signatures of a version. */
	readonly variables?: VariableStore;
}

/** The SavedModel that a program was made from, for engines that read its folder themselves. */
export interface Origin {
	readonly dir: string;
	/** The tag set of its graph. */
	readonly tags: readonly string[];
	readonly signature: Signature;
}

/** Why an engine cannot run a program: one row an operation, or what else is in the way. */
export type Obstacle = OpObstacle | { readonly reason: string };

export interface OpObstacle {
	readonly op: string;
	readonly count: number;
	/** The first node of that operation. */
	readonly node: string;
	readonly reason: string;
}

/** What an engine answers that cannot run a program. */
export interface Refusal {
	readonly obstacles: readonly Obstacle[];
}

export interface Engine {
	readonly name: string;
	/** What opens what it prepares; sets up the process, so it is for the main thread. */
	runtime(): Runtime;
	/** What stands in the way of running `program`, all at once; empty if nothing does. */
	obstacles(program: Program, origin?: Origin): readonly Obstacle[];
	/** Makes what threads are given to run it, in any thread; gives all obstacles where it cannot run. */
	prepare(program: Program, options: PrepareOptions): Promise<Form | Refusal>;
	/** The same of an ONNX file, which runs as it is; an engine without this runs SavedModels alone. */
	prepareFile?(model: OnnxModel, options: PrepareOptions): Form;
}

export interface PrepareOptions
	extends Pick<EngineOptions, "workers" | "threads" | "origin"> {
	/** Told as soon as it is known how many threads there will be, as they load their runtime meanwhile. */
	starting?(workers: number): void;
}

/** A program in the form that an engine opens: plain data, apart from `opened`. */
export interface Form extends Sendable {
	/** Threads that run it; 0 for the main one. */
	readonly workers: number;
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
	/** It uses tables or queues of its version, so it has to be where these are. */
	readonly sharesResources?: boolean;
	/** Its source is little, and can be kept for threads that take the place of others. */
	readonly isSmall?: boolean;
}

export interface SessionPort {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: Shape;
}

/** A loaded program. Has a lifetime: `close()` ends its workers. */
export interface Session {
	readonly inputs: readonly SessionPort[];
	readonly outputs: readonly SessionPort[];
	/**
	 * Runs once. Inputs are checked by the caller (`serving/predict.ts`); the buffers of input tensors may be
	 * transferred to a worker, so the caller must not use them afterwards.
	 *
	 * `kept` are further inputs, which stay the caller's and as they are: a worker that was given the same tensor before, or
	 * made it as an output of that name, is not sent it again. Who gives any waits for one run before the next.
	 *
	 * Once `signal` aborts, a run that has not begun need not begin.
	 */
	run(inputs: Tensors, kept?: Tensors, signal?: AbortSignal): Promise<Tensors>;
	/** Begins the runs at once that wait for others of the same turn of the event loop: for who has gathered them already. */
	flush?(): void;
	close(): Promise<void>;
}
