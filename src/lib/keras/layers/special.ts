import type { LayerEntry } from "../entry.js";
import { lengthOf } from "../graph/shape.js";
import { integer, real, unsupported } from "../settings.js";
import { identity } from "./core.js";

/** A layer whose kernel was made small in training; at inference it is that layer (keras spectral_normalization.py). */
const spectralNormalization: LayerEntry = {
	mask: "passes",
	weights: () => [{ name: "vector_u", trainable: false as const }],
	holds: (layer) => {
		const inner = layer.children.layer?.[0];
		return inner === undefined ? [] : [{ path: "layer", layer: inner }];
	},
	emit: (scope) => {
		const inner = scope.layer.children.layer?.[0];
		if (inner === undefined)
			throw unsupported(scope.layer, "it holds no layer");
		return scope.run(inner, scope.inputs);
	},
};

/** keras applications/convnext.py */
const layerScale: LayerEntry = {
	mask: "passes",
	weights: () => [{ name: "gamma" }],
	emit: (scope) => {
		const [x] = scope.inputs;
		return scope.graph.op("Mul", [
			x,
			scope.weight("gamma", [
				integer(scope.layer, "projection_dim", lengthOf(x, -1)),
			]),
		]);
	},
};

/** keras applications/inception_resnet_v2.py */
const customScale: LayerEntry = {
	mask: "ends",
	emit: ({ layer, graph, inputs: [x, y] }) =>
		graph.op("AddV2", [
			x,
			graph.op("Mul", [y, graph.scalar(y.dtype, real(layer, "scale"))]),
		]),
};

/** Layers that wrap others, and those that only networks of keras.applications have. */
export const SPECIAL_LAYERS: Readonly<Record<string, LayerEntry>> = {
	SpectralNormalization: spectralNormalization,
	LayerScale: layerScale,
	StochasticDepth: identity,
	FixedDropout: identity,
	CustomScaleLayer: customScale,
};
