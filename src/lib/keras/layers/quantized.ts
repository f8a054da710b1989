import type { LayerScope, WeightName } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { isObject } from "../json.js";
import type { Layer } from "../model.js";
import { quantizationOf, unsupported } from "../settings.js";

/** Weights that were made small: whole numbers of eight bits, with what they were multiplied by. */
export function isQuantized(layer: Layer): boolean {
	const mode = quantizationOf(layer);
	if (mode === undefined) return false;
	if (mode !== "int8")
		throw unsupported(layer, `its weights are quantized (${mode})`);
	return true;
}

/** A kernel of whole numbers is not trained any more, so `.h5` files have it behind what is. */
export function storedSmall(layer: Layer, weight: WeightName): WeightName {
	return isQuantized(layer) && weight.name === "kernel"
		? { ...weight, trainable: false }
		: weight;
}

/** The scale follows the other weights (keras layers/core/dense.py, variable_serialization_spec). */
export function scaleWeights(layer: Layer, name: string): WeightName[] {
	return isQuantized(layer) ? [{ name, trainable: false }] : [];
}

/** keras quantizers/quantizers.py, abs_max_quantize */
const EPSILON = 1e-7;
const MOST = 127;

export interface Rounded {
	/** Whole numbers from -127 to 127. */
	readonly values: Value;
	/** What they were multiplied by. */
	readonly scale: Value;
}

/** Inputs as whole numbers where the layer rounds them too, so that answers are those of Keras. */
export function rounded(
	scope: LayerScope,
	x: Value,
	axes: readonly number[],
): Rounded {
	const { graph } = scope;
	const one = graph.scalar(x.dtype, 1);
	if (!roundsInputs(scope.layer)) return { values: x, scale: one };
	const most = graph.op("Max", [graph.op("Abs", [x]), graph.ints(axes)], {
		keep_dims: true,
	});
	const scale = graph.op("RealDiv", [
		graph.scalar(x.dtype, MOST),
		graph.op("AddV2", [most, graph.scalar(x.dtype, EPSILON)]),
	]);
	const near = graph.op("Round", [graph.op("Mul", [x, scale])]);
	const values = graph.op("Minimum", [
		graph.op("Maximum", [near, graph.scalar(x.dtype, -MOST)]),
		graph.scalar(x.dtype, MOST),
	]);
	return { values, scale };
}

/** By the largest of a row, unless the configuration says that only weights are whole numbers. */
function roundsInputs(layer: Layer): boolean {
	const { quantization_config: given } = layer.config;
	if (!isObject(given) || !isObject(given.config)) return true;
	const { activation_quantizer: quantizer } = given.config;
	if (quantizer === null || quantizer === undefined) return false;
	if (isObject(quantizer) && quantizer.class_name === "AbsMaxQuantizer")
		return true;
	throw unsupported(layer, "its inputs are quantized in a way of their own");
}
