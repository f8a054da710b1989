import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import type { Value } from "../graph/builder.js";
import { type Length, lengthOf, lengthsOf, packed } from "../graph/shape.js";
import { integer, integers } from "../settings.js";
import { slidingLayer } from "./convolution.js";
import { type Geometry, geometryOf } from "./geometry.js";
import { dilatedKernel, pictureKernel } from "./kernels.js";
import { asPicture } from "./spatial.js";

function spread(scope: LayerScope, x: Flow, rank: number): Flow {
	const { layer, graph } = scope;
	const geometry = geometryOf(scope, rank);
	const filters = integer(layer, "filters");
	const stored = scope.stored("kernel", [
		...geometry.kernel,
		filters,
		lengthOf(x, -1),
	]);
	// TensorFlow's kernels for CPUs have no dilation
	const kernel = dilatedKernel(stored, geometry.dilations);
	const [batch, ...rest] = lengthsOf(graph, x);
	const more =
		layer.config.output_padding === null ||
		layer.config.output_padding === undefined
			? undefined
			: integers(layer, "output_padding", rank);
	const lengths = rest
		.slice(0, rank)
		.map((length, axis) =>
			outputLength(scope, length, axis, { geometry, more }),
		);
	const { padding, strides } = geometry;
	if (rank === 1)
		return asPicture(scope, x, (picture) =>
			sized(
				scope,
				graph.op(
					"Conv2DBackpropInput",
					[
						packed(graph, [batch, 1, ...lengths, filters]),
						scope.written(pictureKernel(kernel), "kernel"),
						picture,
					],
					{ strides: [1, 1, ...strides, 1], padding },
				),
				[batch, 1, ...lengths, filters],
			),
		);
	return sized(
		scope,
		graph.op(
			rank === 2 ? "Conv2DBackpropInput" : "Conv3DBackpropInputV2",
			[
				packed(graph, [batch, ...lengths, filters]),
				scope.written(kernel, "kernel"),
				x,
			],
			{ strides: [1, ...strides, 1], padding },
		),
		[batch, ...lengths, filters],
	);
}

function sized(
	{ graph }: LayerScope,
	value: Value,
	lengths: readonly Length[],
): Value {
	return graph.shaped(
		value,
		lengths.map((length) => (typeof length === "number" ? length : -1)),
	);
}

interface Asked {
	readonly geometry: Geometry;
	readonly more: readonly number[] | undefined;
}

/** keras backend/common/backend_utils.py, compute_conv_transpose_output_shape. */
function outputLength(
	{ graph }: LayerScope,
	length: Length,
	axis: number,
	{ geometry, more }: Asked,
): Length {
	const stride = geometry.strides[axis];
	const size = (geometry.kernel[axis] - 1) * geometry.dilations[axis] + 1;
	const isSame = geometry.padding === "SAME";
	const extra =
		more === undefined
			? isSame
				? 0
				: Math.max(size - stride, 0)
			: size - stride - (isSame ? 2 * Math.floor(size / 2) : 0) + more[axis];
	if (typeof length === "number") return length * stride + extra;
	return graph.op("AddV2", [
		graph.op("Mul", [length, graph.scalar("int32", stride)]),
		graph.scalar("int32", extra),
	]);
}

export const TRANSPOSED_CONVOLUTION_LAYERS: Readonly<
	Record<string, LayerEntry>
> = {
	Conv1DTranspose: slidingLayer(spread, 1),
	Conv2DTranspose: slidingLayer(spread, 2),
	Conv3DTranspose: slidingLayer(spread, 3),
};
