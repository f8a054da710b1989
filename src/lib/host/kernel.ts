import type { Node } from "../graph/ir.js";
import type { PrimitivesOf } from "../ops/define.js";
import type { Tensor } from "../tensor/tensor.js";
import type { HostValue } from "./value.js";

/**
 * One op in TypeScript: exact arithmetic on whole tensors, for the folding pass and for what no numeric runtime does.
 * Returns the node's outputs in order, or `undefined` for element types that it has no rule for (complex numbers).
 * Fails with INVALID where TensorFlow's kernel would.
 */
export type HostKernel = (
	node: Node,
	inputs: readonly Tensor[],
) => readonly Tensor[] | undefined;

/** What a step may use of the run that it is part of. */
export interface HostRun {
	/** Runs a body of control flow, by its name in `Program.functions`; inputs and outputs in the order of its ports. */
	call(
		body: string,
		inputs: readonly HostValue[],
	): Promise<readonly HostValue[]>;
	/** What outlives a run, such as a table: made when `key` is first asked for, the same for all runs of the session. */
	resource<T extends object>(key: string, make: () => T): T;
}

/**
 * One op that is more than arithmetic: it waits (pictures), it makes or reads what is no tensor (tables, lists), it draws
 * afresh (random numbers), or it runs a body. Never folded.
 */
export type HostStep = (
	node: Node,
	inputs: readonly HostValue[],
	run: HostRun,
) => readonly HostValue[] | Promise<readonly HostValue[]>;

export type HostRow = HostKernel | { readonly step: HostStep };

export function step(run: HostStep): HostRow {
	return { step: run };
}

/** Rows for some primitive ops of a family that targets compute too: an op without a row is never folded. */
export type HostTable<Family> = Readonly<
	Partial<Record<PrimitivesOf<Family>, HostRow>>
>;

/** One row a primitive op of a family that only the host computes; the compiler names what is missing. */
export type HostFamily<Family> = Readonly<
	Record<PrimitivesOf<Family>, HostRow>
>;
