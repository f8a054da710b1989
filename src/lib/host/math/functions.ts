import { floatAttr } from "../../graph/attrs.js";
import type { activationOps } from "../../ops/math/activation.js";
import type { unaryOps } from "../../ops/math/unary.js";
import { predicateKernel, unaryKernel } from "../elementwise.js";
import type { HostTable } from "../kernel.js";

/** A function of floats only. */
function float(compute: (a: number) => number) {
	return unaryKernel({ float: compute });
}

/** Rounds to the nearest whole number, halves to the even one. */
function roundToEven(a: number): number {
	const nearest = Math.round(a);
	return nearest - a === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

function sigmoid(a: number): number {
	return 1 / (1 + Math.exp(-a));
}

export const functionKernels: HostTable<typeof unaryOps> = {
	Abs: unaryKernel({
		float: Math.abs,
		int: Math.abs,
		bigint: (a) => (a < 0n ? -a : a),
	}),
	Neg: unaryKernel({
		float: (a) => -a,
		int: (a) => -a,
		bigint: (a) => -a,
	}),
	Sign: unaryKernel({
		float: Math.sign,
		int: Math.sign,
		bigint: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n),
	}),
	Square: unaryKernel({
		float: (a) => a * a,
		int: (a) => Math.imul(a, a),
		bigint: (a) => a * a,
	}),
	Reciprocal: float((a) => 1 / a),
	Sqrt: float(Math.sqrt),
	Rsqrt: float((a) => 1 / Math.sqrt(a)),
	Exp: float(Math.exp),
	Expm1: float(Math.expm1),
	Log: float(Math.log),
	Log1p: float(Math.log1p),
	Floor: float(Math.floor),
	Ceil: float(Math.ceil),
	Round: unaryKernel({
		float: roundToEven,
		int: (a) => a,
		bigint: (a) => a,
	}),
	Sin: float(Math.sin),
	Cos: float(Math.cos),
	Tan: float(Math.tan),
	Asin: float(Math.asin),
	Acos: float(Math.acos),
	Atan: float(Math.atan),
	Sinh: float(Math.sinh),
	Cosh: float(Math.cosh),
	Tanh: float(Math.tanh),
	Asinh: float(Math.asinh),
	Acosh: float(Math.acosh),
	Atanh: float(Math.atanh),
	Sigmoid: float(sigmoid),
	IsNan: predicateKernel(Number.isNaN),
	IsInf: predicateKernel((a) => Math.abs(a) === Infinity),
	IsFinite: predicateKernel(Number.isFinite),
};

export const activationKernels: HostTable<typeof activationOps> = {
	Relu: unaryKernel({
		float: (a) => Math.max(a, 0),
		int: (a) => Math.max(a, 0),
		bigint: (a) => (a > 0n ? a : 0n),
	}),
	Relu6: float((a) => Math.min(Math.max(a, 0), 6)),
	LeakyRelu: (node, inputs) => {
		const slope = floatAttr(node, "alpha");
		return float((a) => (a > 0 ? a : a * slope))(node, inputs);
	},
};
