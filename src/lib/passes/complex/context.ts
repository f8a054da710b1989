import type { TypeMap } from "../../graph/infer.js";
import type { Attrs, Node, ValueName } from "../../graph/ir.js";
import type { ExpandContext, ValueType } from "../../ops/define.js";
import { heldConstant } from "../../tensor/constant.js";
import type { DType } from "../../tensor/dtype.js";
import { numberTensor } from "../../tensor/numbers.js";
import type { Tensor } from "../../tensor/tensor.js";
import { withDefaults } from "../expand.js";
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
	const made: Node[] = [];
	const make = (
		op: string,
		inputs: readonly ValueName[],
		attrs: Attrs,
		outputs: number,
	): readonly ValueName[] => {
		const name = `${node.name}/${op}_${made.length}`;
		const values = Array.from({ length: outputs }, (_, i) => `${name}:${i}`);
		made.push({
			name,
			op,
			inputs,
			outputs: values,
			attrs: withDefaults(op, attrs),
		});
		return values;
	};
	const constantOf = (tensor: Tensor): ValueName =>
		make(
			"Const",
			[],
			{ value: heldConstant(tensor), dtype: tensor.dtype },
			1,
		)[0];
	const typesOf = node.inputs.map((input) => types.typeOf(input));
	const first = [...node.inputs, ...node.outputs]
		.map((value) => types.typeOf(value).dtype)
		.find(isComplex) as DType;
	const part = partType(first);
	const context: ComplexContext = {
		node,
		part,
		inputs: node.inputs,
		types: typesOf,
		outputs: node.outputs.map((output) => types.typeOf(output)),
		constant: (index) => types.constant(node.inputs[index]),
		add: (op, inputs, attrs = {}) => make(op, inputs, attrs, 1)[0],
		addMany: (op, inputs, outputs, attrs = {}) =>
			make(op, inputs, attrs, outputs),
		constantOf,
		scalar: (dtype, value) => constantOf(numberTensor(dtype, value)),
		isComplex: (index) => isComplex(typesOf[index].dtype),
		pair: (index) =>
			pairs.get(node.inputs[index]) ?? {
				re: node.inputs[index],
				im: make(
					"ZerosLike",
					[node.inputs[index]],
					{ T: typesOf[index].dtype },
					1,
				)[0],
			},
	};
	return { context, made };
}
