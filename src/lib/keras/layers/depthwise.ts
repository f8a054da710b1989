import { activated } from "../activations.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { flag, integer } from "../settings.js";
import { channelwise } from "./channelwise.js";
import { biased } from "./core.js";
import { causal, geometryOf } from "./geometry.js";
import { pictureKernel } from "./kernels.js";
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
	const { layer } = scope;
	const geometry = geometryOf(scope, rank);
	const multiplier = integer(layer, "depth_multiplier", 1);
	const kernel = scope.stored(name, [
		...geometry.kernel,
		lengthOf(input, -1),
		multiplier,
	]);
	return channelwise(scope, causal(scope, input, geometry), {
		rank,
		kernel,
		name,
		geometry,
	});
}

export const DEPTHWISE_LAYERS: Readonly<Record<string, LayerEntry>> = {
	DepthwiseConv1D: depthwise(1),
	DepthwiseConv2D: depthwise(2),
	SeparableConv1D: separable(1),
	SeparableConv2D: separable(2),
};
