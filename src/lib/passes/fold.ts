import { TypeMap } from "../graph/infer.js";
import type { Node } from "../graph/ir.js";
import { hostKernel } from "../host/index.js";
import type { ValueType } from "../ops/define.js";
import { isStatic } from "../ops/shapes.js";
import { type Constant, heldConstant } from "../tensor/constant.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { elementCount, type Tensor } from "../tensor/tensor.js";
import { type Pass, type Replacement, rewrite } from "./pass.js";

/** Outputs up to this many elements are folded even if they are larger than what they are made from (Fill, Tile, Range). */
const MAX_GROWTH_ELEMENTS = 65_536;

/** Computes what depends on constants alone, and what inference already knows element by element (shapes). */
export const foldConstants: Pass = (program) => {
	const types = new TypeMap(program);
	return rewrite(program, (node) => {
		const outputs = types.add(node);
		const folded =
			knownOutputs(node, outputs) ?? computedOutputs(node, outputs, types);
		if (folded === undefined) return undefined;
		const nodes = folded.map((tensor, i) => constantNode(node, i, tensor));
		for (const constant of nodes) types.add(constant);
		return replacement(node, nodes);
	});
};

/** Inferred integer elements, all known. */
function knownOutputs(
	node: Node,
	outputs: readonly ValueType[],
): readonly Tensor[] | undefined {
	if (node.op === "Const" || outputs.length === 0) return undefined;
	const tensors = outputs.map(knownTensor);
	return tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
}

function knownTensor({
	dtype,
	shape,
	elements,
}: ValueType): Tensor | undefined {
	if (
		elements === undefined ||
		!isStatic(shape) ||
		!elements.every(
			(element) => element !== undefined && Number.isSafeInteger(element),
		)
	)
		return undefined;
	return tensorFromNumbers(dtype, shape, elements as readonly number[]);
}

function computedOutputs(
	node: Node,
	outputs: readonly ValueType[],
	types: TypeMap,
): readonly Tensor[] | undefined {
	if (node.op === "Const") return undefined;
	const constants = node.inputs.map((input) => types.constantOf(input));
	if (
		!constants.every((constant) => constant !== undefined) ||
		growsTooMuch(outputs, constants)
	)
		return undefined;
	const kernel = hostKernel(
		node,
		[...constants, ...outputs].map(({ dtype }) => dtype),
	);
	if (kernel === undefined) return undefined;
	return kernel(
		node,
		constants.map((constant) => constant.read()),
	);
}

function growsTooMuch(
	outputs: readonly ValueType[],
	inputs: readonly Constant[],
): boolean {
	const elements = (shapes: readonly (readonly number[])[]) =>
		shapes.reduce((sum, shape) => sum + elementCount(shape), 0);
	const made = elements(
		outputs.flatMap(({ shape }) => (isStatic(shape) ? [shape] : [])),
	);
	return (
		made > MAX_GROWTH_ELEMENTS &&
		made > 2 * elements(inputs.map(({ shape }) => shape))
	);
}

function constantNode(node: Node, index: number, tensor: Tensor): Node {
	const value = heldConstant(tensor);
	const name = index === 0 ? node.name : `${node.name}/output_${index}`;
	return {
		name,
		op: "Const",
		inputs: [],
		outputs: [`${name}:folded`],
		attrs: { value, dtype: tensor.dtype },
	};
}

function replacement(node: Node, nodes: readonly Node[]): Replacement {
	return {
		nodes,
		values: new Map(
			node.outputs.map((output, i) => [output, nodes[i].outputs[0]]),
		),
	};
}
