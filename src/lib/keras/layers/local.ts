import { activated } from "../activations.js";
import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { lengthOf, sliced } from "../graph/shape.js";
import { flag, integer, integers, unsupported } from "../settings.js";
import { paddingOf } from "./spatial.js";

/** Of Keras 2: a convolution with a kernel of its own in every place (keras 2 layers/locally_connected). */
function locallyConnected(rank: 1 | 2): LayerEntry {
	return {
		mask: "ends",
		weights: (layer) => [
			{ name: "kernel" },
			...(flag(layer, "use_bias", true) ? [{ name: "bias" }] : []),
		],
		emit: (scope) => {
			const { layer, graph, inputs } = scope;
			if (layer.config.data_format === "channels_first")
				throw unsupported(layer, "its channels come first");
			if (integer(layer, "implementation", 1) !== 1)
				throw unsupported(layer, "its implementation is not 1");
			if (paddingOf(layer) !== "VALID")
				throw unsupported(layer, "its input is padded");
			const [x] = inputs;
			const size = integers(layer, "kernel_size", rank);
			const strides = integers(layer, "strides", rank, new Array(rank).fill(1));
			const filters = integer(layer, "filters");
			const counts = size.map((length, i) =>
				Math.floor((lengthOf(x, i + 1) - length) / strides[i] + 1),
			);
			const places = counts.reduce((product, count) => product * count, 1);
			const features =
				size.reduce((product, length) => product * length, 1) * lengthOf(x, -1);
			const patches = windows(scope, x, { size, strides, counts, features });
			const kernel = scope.weight("kernel", [places, features, filters]);
			const product = graph.op("Einsum", [patches, kernel], {
				equation: "bpf,pfo->bpo",
			});
			const shaped = graph.op("Reshape", [
				product,
				graph.ints([-1, ...counts, filters]),
			]);
			const result = flag(layer, "use_bias", true)
				? graph.op("AddV2", [
						shaped,
						scope.weight("bias", [...counts, filters]),
					])
				: shaped;
			return activated(layer, graph, result);
		},
	};
}

interface Windows {
	readonly size: readonly number[];
	readonly strides: readonly number[];
	readonly counts: readonly number[];
	readonly features: number;
}

/** [batch, places, features] */
function windows(
	{ graph }: LayerScope,
	x: Flow,
	{ size, strides, counts, features }: Windows,
): Flow {
	const starts = counts.reduce<number[][]>(
		(before, count) =>
			before.flatMap((place) =>
				Array.from({ length: count }, (_, i) => [...place, i]),
			),
		[[]],
	);
	const rows = starts.map((place) => {
		const window = place.reduce<Flow>((part, at, i) => {
			const from = at * strides[i];
			return sliced(graph, part, i + 1, [from, from + size[i]]);
		}, x);
		return graph.op("Reshape", [window, graph.ints([-1, 1, features])]);
	});
	return rows.length === 1
		? rows[0]
		: graph.op("ConcatV2", [...rows, graph.scalar("int32", 1)]);
}

export const LOCAL_LAYERS: Readonly<Record<string, LayerEntry>> = {
	LocallyConnected1D: locallyConnected(1),
	LocallyConnected2D: locallyConnected(2),
};
