import { fail } from "../errors.js";
import { TypeMap } from "../graph/infer.js";
import type { Attrs, Node, ValueName } from "../graph/ir.js";
import type { Expand, ExpandContext } from "../ops/define.js";
import { OPS } from "../ops/index.js";
import { opDef } from "../ops/opdef.js";
import { heldConstant } from "../tensor/constant.js";
import type { DType } from "../tensor/dtype.js";
import { numberTensor } from "../tensor/numbers.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Pass, type Replacement, rewrite } from "./pass.js";

/** A composite op that expands into itself again and again is a mistake in the table. */
const MAX_DEPTH = 16;

/** Says of an op that nothing computes it as it is. */
export type IsLacking = (op: string) => boolean;

/**
 * Replaces composite ops by the ops they are made of, until only primitive ones are left; primitive ones too, where they are
 * lacking and can be said in others.
 */
export function expanding(isLacking: IsLacking): Pass {
	return (program) => {
		const types = new TypeMap(program);
		const partsOf: PartsOf = (op) => {
			const entry = OPS[op];
			if (entry?.kind !== "primitive") return entry?.expand;
			return isLacking(op) ? entry.otherwise : undefined;
		};
		return rewrite(program, (node) => {
			const parts = partsOf(node.op);
			if (parts !== undefined) return expand(node, parts, partsOf, types, 0);
			types.add(node);
			return undefined;
		});
	};
}

/** What engines ask for: their host has kernels of the rest. */
export const expandComposites = expanding(() => false);

/** How an op is made of others, if it is to be. */
type PartsOf = (op: string) => Expand | undefined;

function expand(
	node: Node,
	parts: Expand,
	partsOf: PartsOf,
	types: TypeMap,
	depth: number,
): Replacement {
	if (depth > MAX_DEPTH)
		throw fail("BUG", `the op table expands ${node.op} without end`);
	const nodes: Node[] = [];
	const values = new Map<ValueName, ValueName>();
	const make = (
		op: string,
		inputs: readonly ValueName[],
		attrs: Attrs,
		outputs: number,
	): readonly ValueName[] => {
		const name = `${node.name}/${op}_${nodes.length}`;
		const made: Node = {
			name,
			op,
			inputs,
			attrs: withDefaults(op, attrs),
			outputs: Array.from({ length: outputs }, (_, i) => `${name}:${i}`),
		};
		const inner = partsOf(op);
		if (inner === undefined) {
			types.add(made);
			nodes.push(made);
			return made.outputs;
		}
		const replacement = expand(made, inner, partsOf, types, depth + 1);
		nodes.push(...replacement.nodes);
		return made.outputs.map(
			(output) => replacement.values?.get(output) ?? output,
		);
	};
	const results = parts(contextOf(node, types, make));
	for (const [i, output] of node.outputs.entries())
		values.set(output, results[i]);
	return { nodes, values };
}

function contextOf(
	node: Node,
	types: TypeMap,
	make: (
		op: string,
		inputs: readonly ValueName[],
		attrs: Attrs,
		outputs: number,
	) => readonly ValueName[],
): ExpandContext {
	const constantOf = (tensor: Tensor): ValueName => {
		const value = heldConstant(tensor);
		return make("Const", [], { value, dtype: tensor.dtype }, 1)[0];
	};
	return {
		node,
		inputs: node.inputs,
		types: node.inputs.map((input) => types.typeOf(input)),
		constant: (index) => types.constant(node.inputs[index]),
		add: (op, inputs, attrs = {}) => make(op, inputs, attrs, 1)[0],
		addMany: (op, inputs, outputs, attrs = {}) =>
			make(op, inputs, attrs, outputs),
		constantOf,
		scalar: (dtype: DType, value: number) =>
			constantOf(numberTensor(dtype, value)),
	};
}

/** Attributes with those that an op has by default. */
export function withDefaults(op: string, attrs: Attrs): Attrs {
	const defaults = [...(opDef(op)?.attrs ?? [])].flatMap(([name, attr]) =>
		attr.default === undefined ? [] : [[name, attr.default] as const],
	);
	return { ...Object.fromEntries(defaults), ...attrs };
}
