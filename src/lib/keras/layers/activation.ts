import { exponential, rectified, softmax } from "../activations.js";
import type { LayerEntry } from "../entry.js";
import { rankOf } from "../graph/shape.js";
import { isList } from "../json.js";
import { integer, integers, real, realOrNone } from "../settings.js";

const relu: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs: [x] }) =>
		rectified(graph, x, {
			slope: realOrNone(layer, "negative_slope") ?? 0,
			limit: realOrNone(layer, "max_value"),
			threshold: realOrNone(layer, "threshold") ?? 0,
		}),
};

/** Keras 2 calls the slope alpha. */
const leakyRelu: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs: [x] }) =>
		rectified(graph, x, {
			slope:
				realOrNone(layer, "negative_slope") ??
				realOrNone(layer, "alpha") ??
				0.3,
			limit: undefined,
			threshold: 0,
		}),
};

const thresholdedRelu: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs: [x] }) => {
		const edge = graph.scalar(x.dtype, real(layer, "theta", 1));
		const above = graph.op("Greater", [x, edge]);
		return graph.op("Mul", [x, graph.cast(above, x.dtype)]);
	},
};

const elu: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs: [x] }) =>
		exponential(graph, x, real(layer, "alpha", 1)),
};

const prelu: LayerEntry = {
	mask: "passes",
	weights: () => [{ name: "alpha" }],
	emit: (scope) => {
		const { graph } = scope;
		const [x] = scope.inputs;
		const alpha = scope.weight(
			"alpha",
			new Array<number>(rankOf(x) - 1).fill(-1),
		);
		const below = graph.op("Relu", [graph.op("Neg", [x])]);
		return graph.op("Sub", [
			graph.op("Relu", [x]),
			graph.op("Mul", [alpha, below]),
		]);
	},
};

const softmaxLayer: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs }) => {
		const [x] = inputs;
		const axis = isList(layer.config.axis)
			? integers(layer, "axis")
			: integer(layer, "axis", -1);
		if (x.mask === undefined) return softmax(graph, x, axis);
		const hidden = graph.scalar(x.dtype, x.dtype === "float16" ? -3e4 : -1e9);
		const shown = graph.op("SelectV2", [x.mask, x, hidden]);
		const result = softmax(graph, shown, axis);
		return graph.op("SelectV2", [x.mask, result, graph.scalar(x.dtype, 0)]);
	},
};

export const ACTIVATION_LAYERS: Readonly<Record<string, LayerEntry>> = {
	ReLU: relu,
	LeakyReLU: leakyRelu,
	ThresholdedReLU: thresholdedRelu,
	ELU: elu,
	PReLU: prelu,
	Softmax: softmaxLayer,
};
