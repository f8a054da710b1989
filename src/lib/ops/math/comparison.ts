import { MlshipError } from "../../errors.js";
import { boolAttr, floatAttr } from "../../graph/attrs.js";
import type { Shape } from "../../tensor/tensor.js";
import {
	composite,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { formula } from "../formula.js";
import { broadcast, mergeShapes } from "../shapes.js";

const comparison: InferRule = ({ inputs: [a, b] }) => [
	{ dtype: "bool", shape: broadcast(a.shape, b.shape) },
];

/**
 * Shapes that do not broadcast are unequal, a scalar, unless `incompatible_shape_error`. Unknown sizes are taken to
 * broadcast: ONNX has no other way.
 */
const equality: InferRule = ({ node, inputs: [a, b] }) => {
	const isScalar =
		!boolAttr(node, "incompatible_shape_error") &&
		!canBroadcast(a.shape, b.shape);
	return [
		{ dtype: "bool", shape: isScalar ? [] : broadcast(a.shape, b.shape) },
	];
};

/** Whether two shapes, as far as they are known, broadcast. */
export function canBroadcast(a: Shape, b: Shape): boolean {
	try {
		broadcast(a, b);
		return true;
	} catch (error) {
		if (error instanceof MlshipError) return false;
		throw error;
	}
}

/** TensorFlow 1's Select: the operands are of one shape; the condition is too, or a scalar, or a vector that chooses rows. */
const select: InferRule = ({ inputs: [, t, e] }) => [
	{ dtype: t.dtype, shape: mergeShapes(t.shape, e.shape) },
];

const selectBroadcast: InferRule = ({ inputs: [condition, t, e] }) => [
	{
		dtype: t.dtype,
		shape: broadcast(condition.shape, broadcast(t.shape, e.shape)),
	},
];

/** Comparisons, logic, and choices by them. */
export const comparisonOps = {
	Equal: primitive(equality),
	NotEqual: primitive(equality),
	Less: primitive(comparison),
	LessEqual: primitive(comparison),
	Greater: primitive(comparison),
	GreaterEqual: primitive(comparison),
	ApproximateEqual: composite((context) => {
		const { dtype } = context.types[0];
		const { less, sub, of } = formula(context, dtype);
		const [x, y] = context.inputs;
		return [less(of("Abs", sub(x, y)), floatAttr(context.node, "tolerance"))];
	}),
	LogicalAnd: primitive(comparison),
	LogicalOr: primitive(comparison),
	LogicalNot: primitive(({ inputs: [{ shape }] }) => [
		{ dtype: "bool", shape },
	]),
	Select: primitive(select),
	SelectV2: primitive(selectBroadcast),
} as const satisfies Record<string, OpEntry>;
