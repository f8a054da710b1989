import { type Constant, reshapedConstant } from "../../tensor/constant.js";
import { activated } from "../activations.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf } from "../graph/shape.js";
import { integer } from "../settings.js";
import { channelwise } from "./channelwise.js";
import { biased, kernelAndBias } from "./core.js";
import { causal, type Geometry, geometryOf } from "./geometry.js";
import { columnsOf, dilatedKernel, pictureKernel } from "./kernels.js";
import { asPicture, channelsLast } from "./spatial.js";

/** A layer that slides its kernel over pictures or the like, whose axes of space are as many as its rank. */
export function slidingLayer(
	slide: (scope: LayerScope, x: Flow, rank: number) => Flow,
	rank: number,
): LayerEntry {
	return {
		mask: "ends",
		weights: kernelAndBias,
		emit: (scope) => {
			const { layer, graph } = scope;
			const result = channelsLast(scope, scope.inputs[0], (x) =>
				biased(scope, slide(scope, x, rank)),
			);
			return activated(layer, graph, result);
		},
	};
}

function convolved(scope: LayerScope, input: Flow, rank: number): Flow {
	const { layer } = scope;
	const geometry = geometryOf(scope, rank);
	const groups = integer(layer, "groups", 1);
	const kernel = scope.stored("kernel", [
		...geometry.kernel,
		lengthOf(input, -1) / groups,
		integer(layer, "filters"),
	]);
	const x = causal(scope, input, geometry);
	const padding = geometry.padding === "CAUSAL" ? "VALID" : geometry.padding;
	const apply = APPLY[rank];
	const plain = { ...geometry, padding };
	if (groups === 1) return apply(scope, x, { kernel, geometry: plain });
	// a kernel of one channel a group has the elements of a channelwise one in the same order
	const isEven = new Set(geometry.strides).size === 1;
	if (rank < 3 && isEven && groups === lengthOf(input, -1))
		return channelwise(scope, x, {
			rank,
			kernel: reshapedConstant(kernel, [
				...geometry.kernel,
				groups,
				integer(layer, "filters") / groups,
			]),
			name: "kernel",
			geometry: plain,
		});
	return inGroups(scope, x, { kernel, groups, rank, geometry: plain });
}

/** Each by itself: TensorFlow's fused kernel for CPUs, which it chooses where a bias follows, has no groups. */
function inGroups(
	scope: LayerScope,
	x: Flow,
	of: {
		readonly kernel: Constant;
		readonly groups: number;
		readonly rank: number;
		readonly geometry: Geometry;
	},
): Flow {
	const { graph } = scope;
	const { kernel, groups, rank, geometry } = of;
	const parts = graph.many("Split", [graph.scalar("int32", -1), x], {
		num_split: groups,
	});
	const results = parts.map((part, i) =>
		APPLY[rank](scope, part, {
			kernel: columnsOf(kernel, i, groups),
			geometry,
			name: `kernel_${i}`,
		}),
	);
	return graph.op("ConcatV2", [...results, graph.scalar("int32", -1)]);
}

type Apply = (
	scope: LayerScope,
	x: Flow,
	of: {
		readonly kernel: Constant;
		readonly geometry: Geometry;
		readonly name?: string;
	},
) => Flow;

/** By the number of axes that a kernel goes over. */
const APPLY: Readonly<Record<number, Apply>> = {
	1: (scope, x, { kernel, name, geometry: { strides, dilations, padding } }) =>
		asPicture(scope, x, (picture) =>
			scope.graph.op(
				"Conv2D",
				[picture, scope.written(pictureKernel(kernel), name ?? "kernel")],
				{
					strides: [1, 1, strides[0], 1],
					dilations: [1, 1, dilations[0], 1],
					padding,
				},
			),
		),
	2: (scope, x, { kernel, name, geometry: { strides, dilations, padding } }) =>
		scope.graph.op("Conv2D", [x, scope.written(kernel, name ?? "kernel")], {
			strides: [1, ...strides, 1],
			dilations: [1, ...dilations, 1],
			padding,
		}),
	// TensorFlow's kernel for CPUs has no dilation
	3: (scope, x, { kernel, name, geometry: { strides, dilations, padding } }) =>
		scope.graph.op(
			"Conv3D",
			[x, scope.written(dilatedKernel(kernel, dilations), name ?? "kernel")],
			{ strides: [1, ...strides, 1], padding },
		),
};

export const CONVOLUTION_LAYERS: Readonly<Record<string, LayerEntry>> = {
	Conv1D: slidingLayer(convolved, 1),
	Conv2D: slidingLayer(convolved, 2),
	Conv3D: slidingLayer(convolved, 3),
};
