import type { TypeMap } from "../graph/infer.js";
import type { Attrs, Node, ValueName } from "../graph/ir.js";
import type { ExpandContext } from "../ops/define.js";
import { heldConstant } from "../tensor/constant.js";
import { numberTensor } from "../tensor/numbers.js";
import type { Tensor } from "../tensor/tensor.js";
import { withDefaults } from "./expand.js";

/** A context for what takes the place of a node, and the nodes that are made through it, named below the node's own. */
export interface Making {
	readonly context: ExpandContext;
	readonly made: readonly Node[];
}

/** `types` are those of the graph before anything was replaced. */
export function makingFor(node: Node, types: TypeMap): Making {
	const made: Node[] = [];
	const addMany = (
		op: string,
		inputs: readonly ValueName[],
		outputs: number,
		attrs: Attrs = {},
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
	const constantOf = (tensor: Tensor): ValueName => {
		const attrs = { value: heldConstant(tensor), dtype: tensor.dtype };
		return addMany("Const", [], 1, attrs)[0];
	};
	const context: ExpandContext = {
		node,
		inputs: node.inputs,
		types: node.inputs.map((input) => types.typeOf(input)),
		constant: (index) => types.constant(node.inputs[index]),
		add: (op, inputs, attrs) => addMany(op, inputs, 1, attrs)[0],
		addMany,
		constantOf,
		scalar: (dtype, value) => constantOf(numberTensor(dtype, value)),
	};
	return { context, made };
}
