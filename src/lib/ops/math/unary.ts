import {
	composite,
	type InferRule,
	type OpEntry,
	primitive,
} from "../define.js";
import { formula } from "../formula.js";
import { unaryArithmetic } from "./elements.js";

/** The element type and shape of input 0; its elements are others. */
export const sameType: InferRule = ({ inputs: [{ dtype, shape }] }) => [
	{ dtype, shape },
];

/** bool in the shape of input 0. */
const predicate: InferRule = ({ inputs: [{ shape }] }) => [
	{ dtype: "bool", shape },
];

const unary = primitive(sameType);

function alias(op: string) {
	return composite(({ inputs, node, add }) => [add(op, inputs, node.attrs)]);
}

/** Functions of one number. */
export const unaryOps = {
	Abs: primitive(unaryArithmetic(Math.abs)),
	Neg: primitive(unaryArithmetic((x) => 0 - x)),
	Sign: primitive(unaryArithmetic(Math.sign)),
	Square: primitive(unaryArithmetic((x) => x * x)),
	Reciprocal: unary,
	Inv: alias("Reciprocal"),
	Sqrt: unary,
	Rsqrt: unary,
	Exp: unary,
	Expm1: unary,
	Log: unary,
	Log1p: unary,
	Floor: unary,
	Ceil: unary,
	Round: primitive(unaryArithmetic((x) => x)),
	Rint: alias("Round"),
	Sin: unary,
	Cos: unary,
	Tan: unary,
	Asin: unary,
	Acos: unary,
	Atan: unary,
	Sinh: unary,
	Cosh: unary,
	Tanh: unary,
	Asinh: unary,
	Acosh: unary,
	Atanh: unary,
	Sigmoid: unary,
	Erf: unary,
	Erfc: composite((context) => {
		const { of, sub } = formula(context, context.types[0].dtype);
		return [sub(1, of("Erf", context.inputs[0]))];
	}),
	IsNan: primitive(predicate),
	IsInf: primitive(predicate),
	IsFinite: primitive(predicate),
} as const satisfies Record<string, OpEntry>;
