import type { Node, Program } from "../graph/ir.js";
import type { Tensors } from "../tensor/tensor.js";
import type { LayerRow } from "./layer-report.js";
import type { OutputFolder } from "./output.js";
import type { QuantizeRow } from "./quantize.js";
import type { LiteSettings } from "./targets/lite.js";
import type { OnnxSettings } from "./targets/onnx.js";
import type { WebSettings } from "./targets/web.js";

/** What a conversion may be told beyond its source and its target; a target refuses what it does not take. */
export type TargetSettings = LiteSettings & OnnxSettings & WebSettings;

/** What `convert` writes models as. */
export interface Target {
	readonly name: string;
	/** The file that a reader opens: `model.json`. */
	readonly main: string;
	/** `.onnx`, where a model may be named like a file and lie beside others; without it a model is a folder. */
	readonly extension?: string;
	/** Names of files that a model may have besides, which the next one has to take away with it. */
	readonly leftovers?: RegExp;
	/** The settings that it takes. */
	readonly takes: readonly (keyof TargetSettings)[];
	/** Whether one model holds several signatures. */
	readonly holdsSignatures?: boolean;
	/**
	 * Finds the form of signatures in this target, at least one, and all that has none; no weight is read. Fails with INVALID
	 * for settings that do not fit the model.
	 */
	lower(programs: readonly Program[], settings: TargetSettings): Lowered;
	/** The engine whose models are made as this target's are, so that a mistake in that would be in both; none without it. */
	readonly engine?: string;
	/** What has to be installed before `open` works, as a command to type; `undefined` if nothing. */
	missing?(): string | undefined;
	/** Opens a model that was written, to run a signature of it. */
	open(main: string, program: Program): Promise<Opened>;
}

/** A model in the form of a target, ready to be written. */
export interface Lowered {
	/** Nodes without a form; a model with any cannot be written. */
	readonly obstacles: readonly Obstructing[];
	/** Operations of the target, and how many of each. */
	readonly ops: ReadonlyMap<string, number>;
	/** What a user should know of the result, a sentence each. */
	readonly notes: readonly string[];
	/** What became of weights that were quantized. */
	readonly quantized?: readonly QuantizeRow[];
	/** The same layer by layer, with what computes with floats; complete once the model is written. */
	readonly layers?: readonly LayerRow[];
	/** How far answers may be off where numbers were made coarser on purpose; the usual without it. */
	readonly tolerance?: number;
	/** What was lowered, where that is not the source as it is: with sizes that were left open. */
	readonly programs?: readonly Program[];
	/** Writes all files; `main` is what the one is called that a reader opens. */
	write(folder: OutputFolder, main: string): void | Promise<void>;
}

/** A node that stands in the way, and why. */
export interface Obstructing {
	readonly node: Node;
	readonly reason: string;
}

/** A model that runs. Has a lifetime: until `close`. */
export interface Opened {
	/** Takes and gives tensors by the names of the signature, in its element types. */
	run(inputs: Tensors): Promise<Tensors>;
	close(): Promise<void>;
}
