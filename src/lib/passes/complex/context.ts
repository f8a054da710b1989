import type { TypeMap } from "../../graph/infer.js";
import type { Node, ValueName } from "../../graph/ir.js";
import type { ExpandContext, ValueType } from "../../ops/define.js";
import type { DType } from "../../tensor/dtype.js";
import { makingFor } from "../made.js";
import { isComplex, type Pair, partType } from "./pair.js";

/** What a rule is given of a node with complex inputs or outputs; `types` are those of the node. */
export interface ComplexContext extends ExpandContext {
	/** The element type of the parts. */
	readonly part: DType;
	/** The parts of a complex input; a real one's own, and zeros. */
	pair(index: number): Pair;
	/** The types of the node's outputs. */
	readonly outputs: readonly ValueType[];
	/** Whether an input is complex. */
	isComplex(index: number): boolean;
}

/** What the outputs are: a pair for a complex one. */
export type ComplexRule = (
	context: ComplexContext,
) => readonly (Pair | ValueName)[];

/** A context and the nodes that are made through it. */
export function complexContext(
	node: Node,
	types: TypeMap,
	pairs: ReadonlyMap<ValueName, Pair>,
): { readonly context: ComplexContext; readonly made: readonly Node[] } {
	const { context, made } = makingFor(node, types);
	const outputs = node.outputs.map((output) => types.typeOf(output));
	const first = [...context.types, ...outputs]
		.map(({ dtype }) => dtype)
		.find(isComplex) as DType;
	return {
		made,
		context: {
			...context,
			part: partType(first),
			outputs,
			isComplex: (index) => isComplex(context.types[index].dtype),
			pair: (index) => {
				const re = node.inputs[index];
				const { dtype: T } = context.types[index];
				return (
					pairs.get(re) ?? { re, im: context.add("ZerosLike", [re], { T }) }
				);
			},
		},
	};
}
