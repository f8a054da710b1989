import { isDType } from "../../tensor/dtype.js";
import { activated, clipped } from "../activations.js";
import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { toNumber, unsupported } from "../settings.js";
import {
	alike,
	isFloating,
	type Operation,
	operandOf,
	settingOf,
	tensorOf,
} from "./operands.js";

function unary(op: string, asFloat = true): Operation {
	return (scope) => {
		const x = tensorOf(scope);
		return scope.graph.op(op, [asFloat ? floating(scope, x) : x]);
	};
}

function floating({ graph }: LayerScope, x: Value): Value {
	return isFloating(x.dtype) ? x : graph.cast(x, "float32");
}

function binary(op: string, asFloat = false): Operation {
	return (scope) => scope.graph.op(op, alike(scope, 2, { asFloat }));
}

function logical(op: string, count = 2): Operation {
	return (scope) =>
		scope.graph.op(
			op,
			scope.call.args
				.slice(0, count)
				.map((actual) => operandOf(scope, actual, "bool")),
		);
}

/** A function of Keras by its name in the table of activations. */
function activation(name: string): Operation {
	return (scope) => {
		const { layer, graph } = scope;
		const config = {
			class_name: name,
			config: layer.config,
		};
		return activated(layer, graph, floating(scope, tensorOf(scope)), config);
	};
}

const clip: Operation = (scope) => {
	const x = tensorOf(scope);
	const low = toNumber(settingOf(scope, "x_min"));
	const high = toNumber(settingOf(scope, "x_max"));
	if (low === undefined || high === undefined)
		throw unsupported(scope.layer, "its bounds are no numbers");
	return clipped(scope.graph, x, low, high);
};

const cast: Operation = (scope) => {
	const dtype = settingOf(scope, "dtype");
	if (typeof dtype !== "string" || !isDType(dtype))
		throw unsupported(scope.layer, `its dtype is ${JSON.stringify(dtype)}`);
	return scope.graph.cast(tensorOf(scope), dtype);
};

const where: Operation = (scope) => {
	const [condition, ...rest] = scope.call.args;
	const [a, b] = alike({ ...scope, call: { ...scope.call, args: rest } }, 2);
	return scope.graph.op("SelectV2", [
		operandOf(scope, condition, "bool"),
		a,
		b,
	]);
};

/** keras ops/numpy.py, ops/math.py, ops/nn.py: what works element by element. */
export const ELEMENTWISE: Readonly<Record<string, Operation>> = {
	Absolute: unary("Abs", false),
	Abs: unary("Abs", false),
	Ceil: unary("Ceil"),
	Cos: unary("Cos"),
	Cosh: unary("Cosh"),
	Erf: unary("Erf"),
	Exp: unary("Exp"),
	Expm1: unary("Expm1"),
	Floor: unary("Floor"),
	Isfinite: unary("IsFinite"),
	Isinf: unary("IsInf"),
	Isnan: unary("IsNan"),
	Log: unary("Log"),
	Log1p: unary("Log1p"),
	Negative: unary("Neg", false),
	Reciprocal: unary("Reciprocal"),
	Round: unary("Round"),
	Rsqrt: unary("Rsqrt"),
	Sign: unary("Sign", false),
	Sin: unary("Sin"),
	Sinh: unary("Sinh"),
	Sqrt: unary("Sqrt"),
	Square: unary("Square", false),
	Tan: unary("Tan"),
	Arctan: unary("Atan"),
	ZerosLike: unary("ZerosLike", false),
	OnesLike: unary("OnesLike", false),
	Identity: unary("Identity", false),
	StopGradient: unary("Identity", false),
	Relu: activation("relu"),
	Relu6: activation("relu6"),
	LeakyRelu: activation("leaky_relu"),
	Elu: activation("elu"),
	Selu: activation("selu"),
	Gelu: activation("gelu"),
	Silu: activation("silu"),
	Sigmoid: activation("sigmoid"),
	HardSigmoid: activation("hard_sigmoid"),
	HardSilu: activation("hard_silu"),
	LogSigmoid: activation("log_sigmoid"),
	Softplus: activation("softplus"),
	Softsign: activation("softsign"),
	Softmax: activation("softmax"),
	LogSoftmax: activation("log_softmax"),
	Tanh: activation("tanh"),
	Add: binary("AddV2"),
	Subtract: binary("Sub"),
	Multiply: binary("Mul"),
	Divide: binary("RealDiv", true),
	TrueDivide: binary("RealDiv", true),
	DivideNoNan: binary("DivNoNan", true),
	FloorDivide: binary("FloorDiv"),
	Mod: binary("FloorMod"),
	Power: binary("Pow"),
	Maximum: binary("Maximum"),
	Minimum: binary("Minimum"),
	Arctan2: binary("Atan2", true),
	Equal: binary("Equal"),
	NotEqual: binary("NotEqual"),
	Greater: binary("Greater"),
	GreaterEqual: binary("GreaterEqual"),
	Less: binary("Less"),
	LessEqual: binary("LessEqual"),
	LogicalAnd: logical("LogicalAnd"),
	LogicalOr: logical("LogicalOr"),
	LogicalNot: logical("LogicalNot", 1),
	Clip: clip,
	Cast: cast,
	Where: where,
};
