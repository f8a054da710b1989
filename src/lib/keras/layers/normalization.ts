import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import {
	type Length,
	lengthOf,
	lengthsOf,
	rankOf,
	reshaped,
} from "../graph/shape.js";
import { isList } from "../json.js";
import type { Layer } from "../model.js";
import { flag, integer, integers, real } from "../settings.js";

/** Some things are computed in more than 16 bits. */
export function widened(graph: LayerScope["graph"], x: Flow): Flow {
	return x.dtype === "float16" || x.dtype === "bfloat16"
		? graph.cast(x, "float32")
		: x;
}

export function axesOf(layer: Layer, x: Flow, usual = -1): number[] {
	const given = isList(layer.config.axis)
		? integers(layer, "axis")
		: [integer(layer, "axis", usual)];
	return given.map((axis) => (axis < 0 ? rankOf(x) + axis : axis));
}

/** A weight along some axes of `x`, in a shape that broadcasts. */
function alongAxes(
	scope: LayerScope,
	name: string,
	x: Flow,
	axes: readonly number[],
): Value {
	const lengths = axes.map((axis) => lengthOf(x, axis));
	const weight = scope.graph.cast(scope.weight(name, lengths), x.dtype);
	const isLast = axes.every((axis, i) => axis === rankOf(x) - axes.length + i);
	if (isLast) return weight;
	const shape = Array.from({ length: rankOf(x) }, (_, axis) =>
		axes.includes(axis) ? lengthOf(x, axis) : 1,
	);
	return reshaped(scope.graph, weight, shape);
}

const batchNormalization: LayerEntry = {
	mask: "passes",
	weights: (layer) => [
		...(flag(layer, "scale", true) ? [{ name: "gamma" }] : []),
		...(flag(layer, "center", true) ? [{ name: "beta" }] : []),
		{ name: "moving_mean", trainable: false as const },
		{ name: "moving_variance", trainable: false as const },
	],
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const x = widened(graph, scope.inputs[0]);
		const axes = axesOf(layer, x);
		const of = (name: string) => alongAxes(scope, name, x, axes);
		const epsilon = graph.scalar(x.dtype, real(layer, "epsilon", 1e-3));
		const inverse = graph.op("Rsqrt", [
			graph.op("AddV2", [of("moving_variance"), epsilon]),
		]);
		const factor = flag(layer, "scale", true)
			? graph.op("Mul", [inverse, of("gamma")])
			: inverse;
		const shift = graph.op("Mul", [of("moving_mean"), factor]);
		const offset = flag(layer, "center", true)
			? graph.op("Sub", [of("beta"), shift])
			: graph.op("Neg", [shift]);
		const result = graph.op("AddV2", [graph.op("Mul", [x, factor]), offset]);
		return graph.cast(result, policy.compute);
	},
};

const layerNormalization: LayerEntry = {
	mask: "passes",
	weights: (layer) => [
		...(flag(layer, "scale", true) ? [{ name: "gamma" }] : []),
		...(flag(layer, "center", true) && !flag(layer, "rms_scaling", false)
			? [{ name: "beta" }]
			: []),
	],
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const x = widened(graph, scope.inputs[0]);
		const axes = axesOf(layer, x);
		const all = graph.ints(axes);
		const epsilon = graph.scalar(x.dtype, real(layer, "epsilon", 1e-3));
		const isRms = flag(layer, "rms_scaling", false);
		const keep = { keep_dims: true };
		const mean = graph.op("Mean", [x, all], keep);
		const apart = graph.op("SquaredDifference", [x, mean]);
		const variance = graph.op("Mean", [apart, all], keep);
		const inverse = graph.op("Rsqrt", [graph.op("AddV2", [variance, epsilon])]);
		const centred = isRms ? x : graph.op("Sub", [x, mean]);
		const scaled = graph.op("Mul", [centred, inverse]);
		const stretched = flag(layer, "scale", true)
			? graph.op("Mul", [scaled, alongAxes(scope, "gamma", x, axes)])
			: scaled;
		const shifted =
			flag(layer, "center", true) && !isRms
				? graph.op("AddV2", [stretched, alongAxes(scope, "beta", x, axes)])
				: stretched;
		return graph.cast(shifted, policy.compute);
	},
};

const groupNormalization: LayerEntry = {
	mask: "passes",
	weights: (layer) => [
		...(flag(layer, "scale", true) ? [{ name: "gamma" }] : []),
		...(flag(layer, "center", true) ? [{ name: "beta" }] : []),
	],
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const x = widened(graph, scope.inputs[0]);
		const [axis] = axesOf(layer, x);
		const channels = lengthOf(x, axis);
		const asked = integer(layer, "groups", 32);
		const groups = asked === -1 ? channels : asked;
		const size = channels / groups;
		const whole = lengthsOf(graph, x);
		const split: Length[] = [
			...whole.slice(0, axis),
			groups,
			size,
			...whole.slice(axis + 1),
		];
		const parts = reshaped(graph, x, split);
		const others = graph.ints(
			split.map((_, i) => i).filter((i) => i > 0 && i !== axis),
		);
		const keep = { keep_dims: true };
		const mean = graph.op("Mean", [parts, others], keep);
		const apart = graph.op("SquaredDifference", [parts, mean]);
		const variance = graph.op("Mean", [apart, others], keep);
		const epsilon = graph.scalar(x.dtype, real(layer, "epsilon", 1e-3));
		const inverse = graph.op("Rsqrt", [graph.op("AddV2", [variance, epsilon])]);
		const scaled = graph.op("Mul", [graph.op("Sub", [parts, mean]), inverse]);
		const joined = reshaped(graph, scaled, whole);
		const stretched = flag(layer, "scale", true)
			? graph.op("Mul", [joined, alongAxes(scope, "gamma", x, [axis])])
			: joined;
		const shifted = flag(layer, "center", true)
			? graph.op("AddV2", [stretched, alongAxes(scope, "beta", x, [axis])])
			: stretched;
		return graph.cast(shifted, policy.compute);
	},
};

const rmsNormalization: LayerEntry = {
	mask: "ends",
	weights: () => [{ name: "scale" }],
	emit: (scope) => {
		const { layer, graph, policy } = scope;
		const x = widened(graph, scope.inputs[0]);
		const axes = axesOf(layer, x);
		const squares = graph.op(
			"Mean",
			[graph.op("Square", [x]), graph.ints(axes)],
			{
				keep_dims: true,
			},
		);
		const epsilon = graph.scalar(x.dtype, real(layer, "epsilon", 1e-6));
		const inverse = graph.op("Rsqrt", [graph.op("AddV2", [squares, epsilon])]);
		const scale = alongAxes(scope, "scale", x, axes);
		const result = graph.op("Mul", [graph.op("Mul", [x, inverse]), scale]);
		return graph.cast(result, policy.compute);
	},
};

const unitNormalization: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs: [x] }) => {
		const axes = graph.ints(axesOf(layer, x));
		const squares = graph.op("Sum", [graph.op("Square", [x]), axes], {
			keep_dims: true,
		});
		// keras ops/nn.py, normalize: epsilon is a bound of the square sum
		const bounded = graph.op("Maximum", [
			squares,
			graph.scalar(x.dtype, 1e-24),
		]);
		return graph.op("Mul", [x, graph.op("Rsqrt", [bounded])]);
	},
};

export const NORMALIZATION_LAYERS: Readonly<Record<string, LayerEntry>> = {
	BatchNormalization: batchNormalization,
	LayerNormalization: layerNormalization,
	GroupNormalization: groupNormalization,
	RMSNormalization: rmsNormalization,
	UnitNormalization: unitNormalization,
};
