import type { Constant } from "../../tensor/constant.js";
import type { Flow, LayerScope } from "../entry.js";
import { sliced } from "../graph/shape.js";
import type { Geometry } from "./geometry.js";
import { dilatedKernel, pictureKernel } from "./kernels.js";
import { asPicture } from "./spatial.js";

/** How channels are convolved one by one: a kernel of `[…places, channels, results a channel]`, of lines or of pictures. */
export interface Channelwise {
	readonly rank: number;
	readonly kernel: Constant;
	readonly name: string;
	readonly geometry: Geometry;
}

/** Each channel by its own kernels; what comes before a causal line is there already. */
export function channelwise(
	scope: LayerScope,
	x: Flow,
	{ rank, kernel, name, geometry }: Channelwise,
): Flow {
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
		const result = scope.graph.op(
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
