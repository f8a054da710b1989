import type { LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { rankOf } from "../graph/shape.js";
import { isList } from "../json.js";
import { unsupported } from "../settings.js";
import { isFloating, type Operation, settingOf, tensorOf } from "./operands.js";

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
				: given;
		return graph.op(op, [x, graph.ints(axesOf(scope, x))], keeps(scope));
	};
}

function place(op: string): Operation {
	return (scope) => {
		const { graph } = scope;
		const [axis] = axesOf(scope, tensorOf(scope));
		if (keeps(scope).keep_dims) throw unsupported(scope.layer, "it keeps axes");
		return graph.op(op, [tensorOf(scope), graph.scalar("int32", axis)], {
			output_type: "int32",
		});
	};
}

/** keras backend/tensorflow/numpy.py, var: the mean of the squares about the mean. */
function variance(scope: LayerScope): Value {
	const { graph } = scope;
	const x = tensorOf(scope);
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

/** The length of vectors. */
const norm: Operation = (scope) => {
	const { graph, layer } = scope;
	const order = settingOf(scope, "ord");
	const x = tensorOf(scope);
	const axes = axesOf(scope, x);
	if ((order !== null && order !== 2) || (order === 2 && axes.length > 1))
		throw unsupported(layer, `its ord is ${JSON.stringify(order)}`);
	const squares = graph.op(
		"Sum",
		[graph.op("Square", [x]), graph.ints(axes)],
		keeps(scope),
	);
	return graph.op("Sqrt", [squares]);
};

const cumulative: Operation = (scope) => {
	const { graph } = scope;
	const [axis] = axesOf(scope, tensorOf(scope));
	return graph.op("Cumsum", [tensorOf(scope), graph.scalar("int32", axis)]);
};

export const REDUCTIONS: Readonly<Record<string, Operation>> = {
	Mean: reduced("Mean", true),
	Sum: reduced("Sum", false),
	Max: reduced("Max", false),
	Amax: reduced("Max", false),
	Min: reduced("Min", false),
	Amin: reduced("Min", false),
	Prod: reduced("Prod", false),
	Any: reduced("Any", false),
	All: reduced("All", false),
	Argmax: place("ArgMax"),
	Argmin: place("ArgMin"),
	Var: variance,
	Std: (scope) => scope.graph.op("Sqrt", [variance(scope)]),
	Logsumexp: logSumExp,
	Norm: norm,
	Cumsum: cumulative,
};
