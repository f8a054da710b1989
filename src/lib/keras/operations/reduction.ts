import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { rankOf } from "../graph/shape.js";
import { isList } from "../json.js";
import { toNumber, unsupported } from "../settings.js";
import {
	floating,
	isFloating,
	type Operation,
	operandOf,
	settingOf,
	tensorOf,
} from "./operands.js";

/** The axes that are asked for; all of them where none is. */
function axesOf(scope: LayerScope, x: Value): number[] {
	const given = settingOf(scope, "axis");
	if (given === null || given === undefined)
		return Array.from({ length: rankOf(x) }, (_, i) => i);
	const list = isList(given) ? given : [given];
	if (!list.every((axis) => Number.isSafeInteger(axis)))
		throw unsupported(scope.layer, `its axis is ${JSON.stringify(given)}`);
	return list.map(Number);
}

function keeps(scope: LayerScope): { readonly keep_dims: boolean } {
	return { keep_dims: settingOf(scope, "keepdims") === true };
}

function reduced(op: string, asFloat: boolean): Operation {
	return (scope) => {
		const { graph } = scope;
		const given = tensorOf(scope);
		const x =
			asFloat && !isFloating(given.dtype)
				? graph.cast(given, "float32")
				: given.dtype === "bool"
					? graph.cast(given, "int32")
					: given;
		return graph.op(op, [x, graph.ints(axesOf(scope, x))], keeps(scope));
	};
}

function place(op: string): Operation {
	return (scope) => {
		const { graph } = scope;
		const given = settingOf(scope, "axis");
		const isWhole = given === null || given === undefined;
		const x = isWhole
			? graph.op("Reshape", [tensorOf(scope), graph.ints([-1])])
			: tensorOf(scope);
		const axis = graph.scalar("int32", isWhole ? 0 : Number(given));
		const type = settingOf(scope, "output_type") ?? "int32";
		const found = graph.op(op, [x, axis], { output_type: String(type) });
		if (!keeps(scope).keep_dims) return found;
		if (isWhole) throw unsupported(scope.layer, "it keeps all axes");
		return graph.op("ExpandDims", [found, axis]);
	};
}

/** Of true and false, whatever is not zero being true. */
function judged(op: string): Operation {
	return (scope) => {
		const { graph } = scope;
		const given = tensorOf(scope);
		const axes = graph.ints(axesOf(scope, given));
		return graph.op(op, [graph.cast(given, "bool"), axes], keeps(scope));
	};
}

/** keras backend/tensorflow/numpy.py, var: the mean of the squares about the mean. */
function variance(scope: LayerScope): Value {
	const { graph } = scope;
	const x = floating(graph, tensorOf(scope));
	const axes = graph.ints(axesOf(scope, x));
	const mean = graph.op("Mean", [x, axes], { keep_dims: true });
	const apart = graph.op("SquaredDifference", [x, mean]);
	return graph.op("Mean", [apart, axes], keeps(scope));
}

const logSumExp: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const axes = graph.ints(axesOf(scope, x));
	const most = graph.op("Max", [x, axes], { keep_dims: true });
	const powers = graph.op("Exp", [graph.op("Sub", [x, most])]);
	const sum = graph.op("Log", [graph.op("Sum", [powers, axes], keeps(scope))]);
	return graph.op("AddV2", [
		sum,
		keeps(scope).keep_dims ? most : graph.op("Max", [x, axes]),
	]);
};

/** The length of vectors, or of all elements. */
const norm: Operation = (scope) => {
	const { graph, layer } = scope;
	const order = settingOf(scope, "ord") ?? 2;
	const given = tensorOf(scope);
	const x = floating(graph, given);
	const axes = axesOf(scope, x);
	const isLength = order === 2 || order === "euclidean" || order === "fro";
	const overAxes = (op: string, value: Value) =>
		graph.op(op, [value, graph.ints(axes)], keeps(scope));
	if (isLength && (order !== 2 || axes.length === 1 || isAll(scope)))
		return graph.op("Sqrt", [overAxes("Sum", graph.op("Square", [x]))]);
	const size = graph.op("Abs", [x]);
	const power = toNumber(order);
	if (axes.length > 1 || power === undefined)
		throw unsupported(layer, `its ord is ${JSON.stringify(order)}`);
	if (power === Infinity) return overAxes("Max", size);
	if (power === -Infinity) return overAxes("Min", size);
	if (power === 1) return overAxes("Sum", size);
	const raised = (value: Value, exponent: number) =>
		graph.op("Pow", [value, graph.scalar(x.dtype, exponent)]);
	return raised(overAxes("Sum", raised(size, power)), 1 / power);
};

/** Whether the order is left open, and with it all elements are one vector. */
function isAll(scope: LayerScope): boolean {
	return (settingOf(scope, "ord") ?? null) === null;
}

/** tf.math.l2_normalize */
const l2Normalize: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const axes = graph.ints(axesOf(scope, x));
	const squares = graph.op("Sum", [graph.op("Square", [x]), axes], {
		keep_dims: true,
	});
	const epsilon = toNumber(settingOf(scope, "epsilon")) ?? 1e-12;
	const bounded = graph.op("Maximum", [
		squares,
		graph.scalar(x.dtype, epsilon),
	]);
	return graph.op("Mul", [x, graph.op("Rsqrt", [bounded])]);
};

function cumulative(op: string): Operation {
	return (scope) => {
		const { graph } = scope;
		const [axis] = axesOf(scope, tensorOf(scope));
		return graph.op(op, [tensorOf(scope), graph.scalar("int32", axis)], {
			exclusive: settingOf(scope, "exclusive") === true,
			reverse: settingOf(scope, "reverse") === true,
		});
	};
}

const countNonzero: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const type = settingOf(scope, "dtype") === "int64" ? "int64" : "int32";
	const counts = graph.cast(graph.cast(x, "bool"), type);
	return graph.op("Sum", [counts, graph.ints(axesOf(scope, x))], keeps(scope));
};

/** With weights for each element, or for each place along the axis. */
const average: Operation = (scope) => {
	const { graph, call } = scope;
	const x = floating(graph, tensorOf(scope));
	const axes = axesOf(scope, x);
	const given = call.args[1] ?? call.kwargs.weights;
	if (given === undefined || (given.kind === "value" && given.value === null))
		return graph.op("Mean", [x, graph.ints(axes)]);
	const weights = operandOf(scope, given, x.dtype);
	const rank = rankOf(x);
	const isWhole = rankOf(weights) === rank;
	const wide = isWhole
		? weights
		: graph.op("Reshape", [
				weights,
				graph.ints(
					Array.from({ length: rank }, (_, i) =>
						i === (axes[0] + rank) % rank ? -1 : 1,
					),
				),
			]);
	const over = graph.ints(axes);
	return graph.op("RealDiv", [
		graph.op("Sum", [graph.op("Mul", [x, wide]), over]),
		isWhole
			? graph.op("Sum", [wide, over])
			: graph.op("Sum", [weights, graph.ints([0])]),
	]);
};

/** How far the largest is from the smallest. */
const range: Operation = (scope) => {
	const { graph } = scope;
	const x = tensorOf(scope);
	const axes = graph.ints(axesOf(scope, x));
	return graph.op("Sub", [
		graph.op("Max", [x, axes], keeps(scope)),
		graph.op("Min", [x, axes], keeps(scope)),
	]);
};

export const REDUCTIONS: Readonly<Record<string, Operation>> = {
	Mean: reduced("Mean", true),
	Sum: reduced("Sum", false),
	Max: reduced("Max", false),
	Amax: reduced("Max", false),
	Min: reduced("Min", false),
	Amin: reduced("Min", false),
	Prod: reduced("Prod", false),
	Any: judged("Any"),
	All: judged("All"),
	Argmax: place("ArgMax"),
	Argmin: place("ArgMin"),
	Var: variance,
	Std: (scope) => scope.graph.op("Sqrt", [variance(scope)]),
	Logsumexp: logSumExp,
	Norm: norm,
	L2Normalize: l2Normalize,
	Average: average,
	CountNonzero: countNonzero,
	Ptp: range,
	Cumsum: cumulative("Cumsum"),
	Cumprod: cumulative("Cumprod"),
};
