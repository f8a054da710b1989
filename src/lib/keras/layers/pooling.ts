import type { Flow, LayerEntry, LayerScope } from "../entry.js";
import { flag, integers } from "../settings.js";
import {
	asPicture,
	channelsLast,
	isChannelsFirst,
	paddingOf,
} from "./spatial.js";

type Kind = "Max" | "Avg";

function pooling(kind: Kind, rank: number): LayerEntry {
	return {
		mask: "ends",
		emit: (scope) =>
			channelsLast(scope, scope.inputs[0], (x) => pooled(scope, x, kind, rank)),
	};
}

function pooled(scope: LayerScope, x: Flow, kind: Kind, rank: number): Flow {
	const { layer, graph } = scope;
	const size = integers(layer, "pool_size", rank);
	const strides = integers(layer, "strides", rank, size);
	const line = rank === 1 ? [1] : [];
	const attrs = {
		ksize: [1, ...line, ...size, 1],
		strides: [1, ...line, ...strides, 1],
		padding: paddingOf(layer),
	};
	if (rank === 1)
		return asPicture(scope, x, (picture) =>
			graph.op(`${kind}Pool`, [picture], attrs),
		);
	return graph.op(rank === 3 ? `${kind}Pool3D` : `${kind}Pool`, [x], attrs);
}

function global(reduction: "Max" | "Mean", rank: number): LayerEntry {
	return {
		// of lines the mean counts what the mask leaves
		mask: "made",
		emit: (scope) => {
			const { layer, graph, inputs } = scope;
			const [x] = inputs;
			const first = isChannelsFirst(layer) ? 2 : 1;
			const axes = graph.ints(
				Array.from({ length: rank }, (_, i) => first + i),
			);
			const attrs = { keep_dims: flag(layer, "keepdims", false) };
			if (reduction === "Mean" && rank === 1 && x.mask !== undefined)
				return maskedMean(scope, x, first, attrs);
			return graph.op(reduction, [x, axes], attrs);
		},
	};
}

function maskedMean(
	{ graph }: LayerScope,
	x: Flow,
	axis: number,
	attrs: { readonly keep_dims: boolean },
): Flow {
	const mask = x.mask as Flow;
	const counts = graph.op("ExpandDims", [
		mask,
		graph.scalar("int32", axis === 1 ? 2 : 1),
	]);
	const axes = graph.ints([axis]);
	const kept = graph.op("SelectV2", [counts, x, graph.scalar(x.dtype, 0)]);
	return graph.op("RealDiv", [
		graph.op("Sum", [kept, axes], attrs),
		graph.op("Sum", [graph.cast(counts, x.dtype), axes], attrs),
	]);
}

export const POOLING_LAYERS: Readonly<Record<string, LayerEntry>> = {
	MaxPooling1D: pooling("Max", 1),
	MaxPooling2D: pooling("Max", 2),
	MaxPooling3D: pooling("Max", 3),
	AveragePooling1D: pooling("Avg", 1),
	AveragePooling2D: pooling("Avg", 2),
	AveragePooling3D: pooling("Avg", 3),
	GlobalMaxPooling1D: global("Max", 1),
	GlobalMaxPooling2D: global("Max", 2),
	GlobalMaxPooling3D: global("Max", 3),
	GlobalAveragePooling1D: global("Mean", 1),
	GlobalAveragePooling2D: global("Mean", 2),
	GlobalAveragePooling3D: global("Mean", 3),
};
