import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf, sliced } from "../graph/shape.js";
import { integers } from "../settings.js";
import { channelsLast } from "./spatial.js";

/** keras layers/pooling/adaptive_pooling: as many windows as are wanted, which may overlap and differ in size. */
function adaptive(op: "Mean" | "Max", rank: number): LayerEntry {
	return {
		mask: "ends",
		emit: (scope) =>
			channelsLast(scope, scope.inputs[0], (x) =>
				integers(scope.layer, "output_size", rank).reduce(
					(part, size, i) => alongAxis(scope, part, { op, axis: i + 1, size }),
					x,
				),
			),
	};
}

function alongAxis(
	{ graph }: LayerScope,
	x: Flow,
	{
		op,
		axis,
		size,
	}: { readonly op: string; readonly axis: number; readonly size: number },
): Flow {
	const length = lengthOf(x, axis);
	const windows = Array.from({ length: size }, (_, i) => {
		const from = Math.floor((i * length) / size);
		const to = Math.ceil(((i + 1) * length) / size);
		const window = sliced(graph, x, axis, [from, to]);
		return graph.op(op, [window, graph.ints([axis])], { keep_dims: true });
	});
	return windows.length === 1
		? windows[0]
		: graph.op("ConcatV2", [...windows, graph.scalar("int32", axis)]);
}

export const ADAPTIVE_POOLING_LAYERS: Readonly<Record<string, LayerEntry>> = {
	AdaptiveAveragePooling1D: adaptive("Mean", 1),
	AdaptiveAveragePooling2D: adaptive("Mean", 2),
	AdaptiveAveragePooling3D: adaptive("Mean", 3),
	AdaptiveMaxPooling1D: adaptive("Max", 1),
	AdaptiveMaxPooling2D: adaptive("Max", 2),
	AdaptiveMaxPooling3D: adaptive("Max", 3),
};
