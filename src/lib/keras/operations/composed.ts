import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { toNumber } from "../settings.js";
import {
	alike,
	floating,
	type Operation,
	settingOf,
	tensorOf,
} from "./operands.js";

type Formula = (scope: LayerScope, x: Value) => Value;

/** On one tensor, of floating point numbers. */
function of(formula: Formula): Operation {
	return (scope) => formula(scope, floating(scope.graph, tensorOf(scope)));
}

type PairFormula = (scope: LayerScope, a: Value, b: Value) => Value;

/** On two tensors, numbers among them. */
function ofTwo(formula: PairFormula): Operation {
	return (scope) => {
		const [a, b] = alike(scope, 2, { asFloat: true });
		return formula(scope, a, b);
	};
}

function times(factor: number): Operation {
	return of(({ graph }, x) =>
		graph.op("Mul", [x, graph.scalar(x.dtype, factor)]),
	);
}

function equals(value: number): Operation {
	return of(({ graph }, x) =>
		graph.op("Equal", [x, graph.scalar(x.dtype, value)]),
	);
}

const hypot: PairFormula = ({ graph }, a, b) => {
	const [x, y] = [a, b].map((value) => graph.op("Abs", [value]));
	const most = graph.op("Maximum", [x, y]);
	const ratio = graph.op("DivNoNan", [graph.op("Minimum", [x, y]), most]);
	const sum = graph.op("AddV2", [
		graph.scalar(a.dtype, 1),
		graph.op("Square", [ratio]),
	]);
	return graph.op("Mul", [most, graph.op("Sqrt", [sum])]);
};

const logAddExp: PairFormula = ({ graph }, a, b) => {
	const apart = graph.op("Abs", [graph.op("Sub", [a, b])]);
	const rest = graph.op("Log1p", [graph.op("Exp", [graph.op("Neg", [apart])])]);
	return graph.op("AddV2", [graph.op("Maximum", [a, b]), rest]);
};

/** Zero, one, or what is given where it is neither below nor above. */
const heaviside: PairFormula = ({ graph }, x, between) => {
	const zero = graph.scalar(x.dtype, 0);
	const above = graph.op("SelectV2", [
		graph.op("Greater", [x, zero]),
		graph.scalar(x.dtype, 1),
		between,
	]);
	return graph.op("SelectV2", [graph.op("Less", [x, zero]), zero, above]);
};

/** The other one where one is no number. */
function known(op: string): Operation {
	return (scope) => {
		const { graph } = scope;
		const [a, b] = alike(scope, 2, { asFloat: true });
		const isMissing = (x: Value) => graph.op("IsNan", [x]);
		const chosen = graph.op("SelectV2", [
			isMissing(b),
			a,
			graph.op(op, [a, b]),
		]);
		return graph.op("SelectV2", [isMissing(a), b, chosen]);
	};
}

const isClose: Operation = (scope) => {
	const { graph, call } = scope;
	const [a, b] = alike(scope, 2, { asFloat: true });
	const bound = (index: number, name: string, usual: number) => {
		const given = call.args[index] ?? call.kwargs[name];
		const value = given?.kind === "value" ? toNumber(given.value) : undefined;
		return graph.scalar(a.dtype, value ?? usual);
	};
	const apart = graph.op("Abs", [graph.op("Sub", [a, b])]);
	const most = graph.op("AddV2", [
		bound(3, "atol", 1e-8),
		graph.op("Mul", [bound(2, "rtol", 1e-5), graph.op("Abs", [b])]),
	]);
	return graph.op("LessEqual", [apart, most]);
};

const sinc: Formula = ({ graph }, x) => {
	const angle = graph.op("Mul", [x, graph.scalar(x.dtype, Math.PI)]);
	const ratio = graph.op("DivNoNan", [graph.op("Sin", [angle]), angle]);
	const isZero = graph.op("Equal", [x, graph.scalar(x.dtype, 0)]);
	return graph.op("SelectV2", [isZero, graph.scalar(x.dtype, 1), ratio]);
};

const cubeRoot: Formula = ({ graph }, x) =>
	graph.op("Mul", [
		graph.op("Sign", [x]),
		graph.op("Pow", [graph.op("Abs", [x]), graph.scalar(x.dtype, 1 / 3)]),
	]);

/** Towards zero. */
const truncated: Formula = ({ graph }, x) =>
	graph.op("SelectV2", [
		graph.op("Less", [x, graph.scalar(x.dtype, 0)]),
		graph.op("Ceil", [x]),
		graph.op("Floor", [x]),
	]);

const LARGEST: Readonly<Record<string, number>> = {
	float16: 65504,
	float32: 3.4028234663852886e38,
	float64: Number.MAX_VALUE,
};

const withNumbers: Operation = (scope) => {
	const { graph } = scope;
	const x = floating(graph, tensorOf(scope));
	const most = LARGEST[x.dtype] ?? 3.3895313892515355e38;
	const replace = (at: Value, name: string, usual: number, other: Value) =>
		graph.op("SelectV2", [
			at,
			graph.scalar(x.dtype, toNumber(settingOf(scope, name)) ?? usual),
			other,
		]);
	const isEnd = (end: number) =>
		graph.op("Equal", [x, graph.scalar(x.dtype, end)]);
	const low = replace(isEnd(-Infinity), "neginf", -most, x);
	const high = replace(isEnd(Infinity), "posinf", most, low);
	return replace(graph.op("IsNan", [x]), "nan", 0, high);
};

/** Keras divides by the largest, so that nothing is lost (ops/numpy.py, ops/math.py); others are their definitions. */
export const COMPOSED: Readonly<Record<string, Operation>> = {
	Hypot: ofTwo(hypot),
	Logaddexp: ofTwo(logAddExp),
	Heaviside: ofTwo(heaviside),
	Fmax: known("Maximum"),
	Fmin: known("Minimum"),
	Isclose: isClose,
	LogicalXor: (scope) => {
		const [a, b] = alike(scope, 2);
		const { graph } = scope;
		return graph.op("NotEqual", [graph.cast(a, "bool"), graph.cast(b, "bool")]);
	},
	Sinc: of(sinc),
	Cbrt: of(cubeRoot),
	Trunc: of(truncated),
	NanToNum: withNumbers,
	Deg2rad: times(Math.PI / 180),
	Rad2deg: times(180 / Math.PI),
	Log2: of(({ graph }, x) =>
		graph.op("RealDiv", [
			graph.op("Log", [x]),
			graph.scalar(x.dtype, Math.fround(Math.LN2)),
		]),
	),
	Log10: of(({ graph }, x) =>
		graph.op("RealDiv", [
			graph.op("Log", [x]),
			graph.scalar(x.dtype, Math.fround(Math.LN10)),
		]),
	),
	Exp2: of(({ graph }, x) => graph.op("Pow", [graph.scalar(x.dtype, 2), x])),
	Isneginf: equals(-Infinity),
	Isposinf: equals(Infinity),
	// also of zeros: the sign of what they divide
	Signbit: of(({ graph }, x) => {
		const zero = graph.scalar(x.dtype, 0);
		const inverse = graph.op("RealDiv", [graph.scalar(x.dtype, 1), x]);
		return graph.op("SelectV2", [
			graph.op("Equal", [x, zero]),
			graph.op("Less", [inverse, zero]),
			graph.op("Less", [x, zero]),
		]);
	}),
	// of numbers without an imaginary part
	Real: (scope) => tensorOf(scope),
	Conj: (scope) => tensorOf(scope),
	Conjugate: (scope) => tensorOf(scope),
	Imag: (scope) => scope.graph.op("ZerosLike", [tensorOf(scope)]),
	Angle: of(({ graph }, x) =>
		graph.op("SelectV2", [
			graph.op("Less", [x, graph.scalar(x.dtype, 0)]),
			graph.scalar(x.dtype, Math.PI),
			graph.scalar(x.dtype, 0),
		]),
	),
};
