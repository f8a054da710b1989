import type { Node } from "../graph/ir.js";
import type { PrimitivesOf } from "../ops/define.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * One op in TypeScript: exact arithmetic on whole tensors, for the folding pass and for what no numeric runtime does.
 * Returns the node's outputs in order, or `undefined` for element types that it has no rule for (complex numbers).
 * Fails with INVALID where TensorFlow's kernel would.
 */
export type HostKernel = (
	node: Node,
	inputs: readonly Tensor[],
) => readonly Tensor[] | undefined;

/** Rows for some primitive ops of a family: an op without a row is never folded. */
export type HostTable<Family> = Readonly<
	Partial<Record<PrimitivesOf<Family>, HostKernel>>
>;
