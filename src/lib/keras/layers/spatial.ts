import type { Flow, LayerScope } from "../entry.js";
import { rankOf, transposed } from "../graph/shape.js";
import type { Layer } from "../model.js";
import { word } from "../settings.js";

/** Does work that TensorFlow does with channels last for a layer that may have them first. */
export function channelsLast(
	{ layer, graph }: Pick<LayerScope, "layer" | "graph">,
	x: Flow,
	work: (x: Flow) => Flow,
): Flow {
	if (!isChannelsFirst(layer)) return work(x);
	const rank = rankOf(x);
	const spatial = Array.from({ length: rank - 2 }, (_, i) => i + 2);
	const result = work(transposed(graph, x, [0, ...spatial, 1]));
	const last = rankOf(result) - 1;
	if (last < 2) return result;
	const others = Array.from({ length: last - 1 }, (_, i) => i + 1);
	return transposed(graph, result, [0, last, ...others]);
}

export function isChannelsFirst(layer: Layer): boolean {
	return layer.config.data_format === "channels_first";
}

/** Does work that TensorFlow has for pictures only on lines, which are pictures of one row. */
export function asPicture(
	{ graph }: Pick<LayerScope, "graph">,
	x: Flow,
	work: (x: Flow) => Flow,
): Flow {
	const picture = graph.op("ExpandDims", [x, graph.scalar("int32", 1)]);
	return graph.op("Squeeze", [work(picture)], { squeeze_dims: [1] });
}

/** `SAME` or `VALID`. */
export function paddingOf(layer: Layer): string {
	return word(layer, "padding", "valid").toUpperCase();
}
