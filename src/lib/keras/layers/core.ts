import { activated } from "../activations.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf, rankOf } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, integer, unsupported, word } from "../settings.js";
import {
	isQuantized,
	rounded,
	scaleWeights,
	storedSmall,
} from "./quantized.js";

/** Kernel and bias, the bias being optional. */
export function kernelAndBias(layer: Layer) {
	return [
		{ name: "kernel" },
		...(flag(layer, "use_bias", true) ? [{ name: "bias" }] : []),
	];
}

/** Adds a bias of the last axis, where the layer has one. */
export function biased(scope: LayerScope, x: Flow): Flow {
	return flag(scope.layer, "use_bias", true)
		? scope.graph.op("BiasAdd", [x, scope.weight("bias", [lengthOf(x, -1)])])
		: x;
}

const dense: LayerEntry = {
	mask: "passes",
	weights: (layer) => [
		...kernelAndBias(layer).map((weight) => storedSmall(layer, weight)),
		...scaleWeights(layer, "kernel_scale"),
	],
	emit: (scope) => {
		const { layer, graph } = scope;
		const [x] = scope.inputs;
		const units = integer(layer, "units");
		const kernel = scope.weight("kernel", [lengthOf(x, -1), units]);
		const multiplied = (value: Flow) =>
			rankOf(value) === 2
				? graph.op("MatMul", [value, kernel])
				: product3(scope, value, kernel);
		if (!isQuantized(layer))
			return activated(layer, graph, biased(scope, multiplied(x)));
		const { values, scale } = rounded(scope, x, [-1]);
		const product = graph.op("RealDiv", [
			multiplied(values),
			graph.op("Mul", [scope.weight("kernel_scale", [units]), scale]),
		]);
		return activated(layer, graph, biased(scope, product));
	},
};

/** Of more than two axes, as `BatchMatMulV2` multiplies by a matrix. */
function product3(scope: LayerScope, x: Flow, kernel: Flow): Flow {
	return scope.graph.op("BatchMatMulV2", [x, kernel]);
}

const embedding: LayerEntry = {
	mask: "made",
	takesIntegers: true,
	weights: (layer) => [
		{ name: "embeddings" },
		...scaleWeights(layer, "embeddings_scale"),
	],
	emit: (scope) => {
		const { layer, graph } = scope;
		const [x] = scope.inputs;
		const table = scope.weight("embeddings", [
			integer(layer, "input_dim"),
			integer(layer, "output_dim"),
		]);
		const places =
			x.dtype === "int32" || x.dtype === "int64" ? x : graph.cast(x, "int32");
		const taken = (from: Flow) =>
			graph.op("GatherV2", [from, places, graph.scalar("int32", 0)]);
		const rows = isQuantized(layer)
			? graph.op("RealDiv", [
					taken(table),
					graph.op("ExpandDims", [
						taken(
							scope.weight("embeddings_scale", [integer(layer, "input_dim")]),
						),
						graph.scalar("int32", -1),
					]),
				])
			: taken(table);
		if (!flag(layer, "mask_zero", false)) return rows;
		return {
			...rows,
			mask: graph.op("NotEqual", [x, graph.scalar(x.dtype, 0)]),
		};
	},
};

/** Computes nothing when nobody trains, or at all. */
export const identity: LayerEntry = {
	mask: "passes",
	emit: ({ inputs }) => inputs,
};

const activation: LayerEntry = {
	mask: "passes",
	emit: ({ layer, graph, inputs }) => activated(layer, graph, inputs[0]),
};

const masking: LayerEntry = {
	mask: "made",
	emit: ({ layer, graph, inputs: [x] }) => {
		const value = graph.scalar(x.dtype, Number(layer.config.mask_value ?? 0));
		const counts = graph.op("NotEqual", [x, value]);
		const last = graph.ints([-1]);
		const rows = graph.op("Any", [counts, last], { keep_dims: true });
		const kept = graph.op("Mul", [x, graph.cast(rows, x.dtype)]);
		return {
			...kept,
			mask: graph.op("Squeeze", [rows], { squeeze_dims: [-1] }),
		};
	},
};

const einsumDense: LayerEntry = {
	mask: "ends",
	weights: (layer) => [
		storedSmall(layer, { name: "kernel" }),
		...(layer.config.bias_axes === null || layer.config.bias_axes === undefined
			? []
			: [{ name: "bias" }]),
		...scaleWeights(layer, "kernel_scale"),
	],
	emit: (scope) => {
		const { layer, graph } = scope;
		const [x] = scope.inputs;
		const equation = word(layer, "equation");
		const letters = /^[^,]*,([a-zA-Z]+)->/.exec(equation)?.[1];
		if (letters === undefined)
			throw unsupported(layer, `its equation is "${equation}"`);
		const kernel = scope.weight(
			"kernel",
			[...letters].map(() => -1),
		);
		const product = isQuantized(layer)
			? roundedEinsum(scope, kernel, equation)
			: graph.op("Einsum", [x, kernel], { equation });
		const { bias_axes: axes } = layer.config;
		if (typeof axes !== "string") return activated(layer, graph, product);
		const output = equation.replace(/^.*->/, "").replace("...", "");
		const first = Math.min(...[...axes].map((axis) => output.indexOf(axis)));
		const trailing = equation.endsWith("...")
			? rankOf(product) - output.length
			: 0;
		const bias = scope.weight(
			"bias",
			new Array<number>(output.length - first + trailing).fill(-1),
		);
		return activated(layer, graph, graph.op("AddV2", [product, bias]));
	},
};

/** Inputs are rounded over the axes that are summed; the scale of the kernel lies as the results do. */
function roundedEinsum(
	scope: LayerScope,
	kernel: Flow,
	equation: string,
): Flow {
	const { graph, layer } = scope;
	const [x] = scope.inputs;
	const [letters, output] = equation.split(/,.*->/);
	if (equation.includes("."))
		throw unsupported(layer, "its weights are quantized, with open axes");
	const summed = [...letters].flatMap((letter, axis) =>
		output.includes(letter) ? [] : [axis],
	);
	const { values, scale } = rounded(scope, x, summed);
	const product = graph.op(
		"Einsum",
		[graph.op("RealDiv", [values, scale]), kernel],
		{ equation },
	);
	const { shape } = scope.stored("kernel_scale", scaleShape(scope));
	return graph.op("RealDiv", [product, scope.weight("kernel_scale", shape)]);
}

/** Of as many axes as it has. */
function scaleShape(scope: LayerScope): number[] {
	const equation = word(scope.layer, "equation");
	return [...equation.replace(/^.*->/, "")].map(() => -1);
}

export const CORE_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Dense: dense,
	EinsumDense: einsumDense,
	Embedding: embedding,
	Activation: activation,
	Masking: masking,
	InputLayer: identity,
	Identity: identity,
	Dropout: identity,
	SpatialDropout1D: identity,
	SpatialDropout2D: identity,
	SpatialDropout3D: identity,
	GaussianNoise: identity,
	GaussianDropout: identity,
	AlphaDropout: identity,
	ActivityRegularization: identity,
};
