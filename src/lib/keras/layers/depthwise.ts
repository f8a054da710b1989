import { activated } from "../activations.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf, sliced } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, integer } from "../settings.js";
import { type Geometry, geometryOf } from "./convolution.js";
import { biased } from "./core.js";
import { dilatedKernel, pictureKernel } from "./kernels.js";
import { asPicture, channelsLast } from "./spatial.js";

function depthwise(rank: 1 | 2): LayerEntry {
	return {
		mask: "ends",
		weights: (layer) => [{ name: "kernel" }, ...biasName(layer)],
		emit: (scope) => {
			const { layer, graph } = scope;
			const result = channelsLast(scope, scope.inputs[0], (x) =>
				biased(scope, perChannel(scope, x, { rank, name: "kernel" })),
			);
			return activated(layer, graph, result);
		},
	};
}

/** Each channel by itself, then all channels of a place. */
function separable(rank: 1 | 2): LayerEntry {
	return {
		mask: "ends",
		weights: (layer) => [
			{ name: "depthwise_kernel" },
			{ name: "pointwise_kernel" },
			...biasName(layer),
		],
		emit: (scope) => {
			const { layer, graph } = scope;
			const result = channelsLast(scope, scope.inputs[0], (x) => {
				const apart = perChannel(scope, x, {
					rank,
					name: "depthwise_kernel",
				});
				const ones = new Array<number>(rank).fill(1);
				const pointwise = scope.stored("pointwise_kernel", [
					...ones,
					lengthOf(apart, -1),
					integer(layer, "filters"),
				]);
				const join = (picture: Flow) =>
					graph.op(
						"Conv2D",
						[
							picture,
							scope.written(
								rank === 1 ? pictureKernel(pointwise) : pointwise,
								"pointwise_kernel",
							),
						],
						{ strides: [1, 1, 1, 1], padding: "VALID" },
					);
				return biased(
					scope,
					rank === 1 ? asPicture(scope, apart, join) : join(apart),
				);
			});
			return activated(layer, graph, result);
		},
	};
}

function biasName(layer: Layer) {
	return flag(layer, "use_bias", true) ? [{ name: "bias" }] : [];
}

function perChannel(
	scope: LayerScope,
	input: Flow,
	{ rank, name }: { readonly rank: 1 | 2; readonly name: string },
): Flow {
	const { layer, graph } = scope;
	const geometry = geometryOf(scope, rank);
	const multiplier = integer(layer, "depth_multiplier", 1);
	const kernel = scope.stored(name, [
		...geometry.kernel,
		lengthOf(input, -1),
		multiplier,
	]);
	const x = padded(scope, input, geometry);
	const { padding } = geometry;
	const [shown, strides, dilations] =
		rank === 1
			? ([
					pictureKernel(kernel),
					[geometry.strides[0], geometry.strides[0]],
					[1, ...geometry.dilations],
				] as const)
			: ([kernel, geometry.strides, geometry.dilations] as const);
	const isUneven = strides[0] !== strides[1];
	const apply = (picture: Flow) => {
		// TensorFlow's kernel for CPUs has no dilation, and one stride for both axes
		const result = graph.op(
			"DepthwiseConv2dNative",
			[picture, scope.written(dilatedKernel(shown, dilations), name)],
			{
				strides: isUneven ? [1, 1, 1, 1] : [1, ...strides, 1],
				padding: padding === "CAUSAL" ? "VALID" : padding,
			},
		);
		return isUneven ? everySecond(scope, result, strides) : result;
	};
	return rank === 1 ? asPicture(scope, x, apply) : apply(x);
}

function everySecond(
	{ graph }: LayerScope,
	x: Flow,
	[down, across]: readonly number[],
): Flow {
	const rows = sliced(graph, x, 1, [0, undefined, down]);
	return sliced(graph, rows, 2, [0, undefined, across]);
}

function padded(
	{ graph }: LayerScope,
	x: Flow,
	{ padding, kernel, dilations }: Geometry,
): Flow {
	if (padding !== "CAUSAL") return x;
	const before = (kernel[0] - 1) * dilations[0];
	return graph.op("Pad", [
		x,
		graph.array("int32", [3, 2], [0, 0, before, 0, 0, 0]),
	]);
}

export const DEPTHWISE_LAYERS: Readonly<Record<string, LayerEntry>> = {
	DepthwiseConv1D: depthwise(1),
	DepthwiseConv2D: depthwise(2),
	SeparableConv1D: separable(1),
	SeparableConv2D: separable(2),
};
