import { type GraphTypes, inferTypes } from "../../graph/infer.js";
import type { Node, ValueName } from "../../graph/ir.js";
import { tensorFromNumbers } from "../../tensor/numbers.js";
import { byteLength } from "../../tensor/tensor.js";
import { type Pass, type Replacement, rewrite } from "../pass.js";

/** The highest bit of 32. */
const SIGN = -(2 ** 31);

/**
 * Keras asks for the sign bit of floats in its argmax (`keras.ops.signbit`): their bits as an integer, and the highest of
 * them, below 0. Bits are dear where a target can only compute them; that x is below 0, or 1 / x is, says the same of all
 * but NaN, which has no sign that argmax would ask for.
 */
export const replaceSignBits: Pass = (program) => {
	const types = inferTypes(program);
	const makers = new Map(
		program.nodes.flatMap((node) =>
			node.outputs.map((output) => [output, node] as const),
		),
	);
	return rewrite(program, (node) => {
		const x = signAsked(node, makers, types);
		return x === undefined ? undefined : isNegative(node, x);
	});
};

/** The float32 value whose sign bit a node tells. */
function signAsked(
	node: Node,
	makers: ReadonlyMap<ValueName, Node>,
	types: GraphTypes,
): ValueName | undefined {
	const isAll = (value: ValueName, wanted: number) => {
		const { elements } = types.typeOf(value);
		return elements?.length === 1 && elements[0] === wanted;
	};
	if (node.op !== "Less" || !isAll(node.inputs[1], 0)) return undefined;
	const masked = makers.get(node.inputs[0]);
	if (masked?.op !== "BitwiseAnd") return undefined;
	const at = masked.inputs.findIndex((input) => isAll(input, SIGN));
	const bits = makers.get(masked.inputs[1 - at]);
	if (at < 0 || bits?.op !== "Bitcast") return undefined;
	return types.typeOf(bits.inputs[0]).dtype === "float32"
		? bits.inputs[0]
		: undefined;
}

function isNegative(node: Node, x: ValueName): Replacement {
	const zero = tensorFromNumbers("float32", [], [0]);
	const part = (
		local: string,
		op: string,
		inputs: readonly ValueName[],
	): Node => ({
		name: `${node.name}/${local}`,
		op,
		inputs,
		outputs: [`${node.name}/${local}:0`],
		attrs: { T: "float32" },
	});
	const constant: Node = {
		...part("zero", "Const", []),
		attrs: {
			dtype: "float32",
			value: {
				dtype: zero.dtype,
				shape: zero.shape,
				byteLength: byteLength(zero),
				read: () => zero,
			},
		},
	};
	const below = part("below", "Less", [x, constant.outputs[0]]);
	const inverse = part("inverse", "Reciprocal", [x]);
	const inverseBelow = part("inverse_below", "Less", [
		inverse.outputs[0],
		constant.outputs[0],
	]);
	const either: Node = {
		...node,
		op: "LogicalOr",
		inputs: [below.outputs[0], inverseBelow.outputs[0]],
		attrs: {},
	};
	return { nodes: [constant, below, inverse, inverseBelow, either] };
}
