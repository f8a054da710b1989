import { isDType } from "../../tensor/dtype.js";
import { activated, clipped } from "../activations.js";
import { tensorsOf } from "../call.js";
import { toNumber, unsupported } from "../settings.js";
import {
	alike,
	floating,
	type Operation,
	operandOf,
	plainOf,
	settingOf,
	tensorOf,
} from "./operands.js";

function unary(op: string, asFloat = true): Operation {
	return (scope) => {
		const x = tensorOf(scope);
		return scope.graph.op(op, [asFloat ? floating(scope.graph, x) : x]);
	};
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
		const { layer, graph, call } = scope;
		const given = Object.entries(call.kwargs).map(([key, actual]) => [
			key,
			plainOf(actual),
		]);
		const config = { ...layer.config, ...Object.fromEntries(given) };
		const x = floating(graph, tensorOf(scope));
		// a function's own settings, whatever the generation of the file
		const plain = { ...layer, generation: 3 as const };
		return activated(plain, graph, x, { class_name: name, config });
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
	Arcsin: unary("Asin"),
	Arccos: unary("Acos"),
	Arctan: unary("Atan"),
	Arcsinh: unary("Asinh"),
	Arccosh: unary("Acosh"),
	Arctanh: unary("Atanh"),
	Erfc: unary("Erfc"),
	Erfinv: unary("Erfinv"),
	Fabs: unary("Abs"),
	Copy: unary("Identity", false),
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
	Celu: activation("celu"),
	Glu: activation("glu"),
	HardTanh: activation("hard_tanh"),
	TanhShrink: activation("tanh_shrink"),
	SoftShrink: activation("soft_shrink"),
	HardShrink: activation("hard_shrink"),
	Threshold: activation("threshold"),
	Squareplus: activation("squareplus"),
	SparsePlus: activation("sparse_plus"),
	SparseSigmoid: activation("sparse_sigmoid"),
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
	SquaredDifference: binary("SquaredDifference"),
	Nextafter: binary("NextAfter", true),
	Fmod: binary("TruncateMod"),
	BitwiseAnd: binary("BitwiseAnd"),
	BitwiseOr: binary("BitwiseOr"),
	BitwiseXor: binary("BitwiseXor"),
	AddN: (scope) => scope.graph.op("AddN", tensorsOf(scope.call.args[0])),
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
