import type { Flow, LayerScope } from "../entry.js";
import { integers } from "../settings.js";
import { paddingOf } from "./spatial.js";

/** How a kernel goes over its input; a line is a picture of one row. */
export interface Geometry {
	readonly kernel: readonly number[];
	readonly strides: readonly number[];
	readonly dilations: readonly number[];
	/** `SAME`, `VALID` or `CAUSAL`. */
	readonly padding: string;
}

export function geometryOf({ layer }: LayerScope, rank: number): Geometry {
	return {
		kernel: integers(layer, "kernel_size", rank),
		strides: integers(layer, "strides", rank, new Array(rank).fill(1)),
		dilations: integers(layer, "dilation_rate", rank, new Array(rank).fill(1)),
		padding: paddingOf(layer),
	};
}

/** Nothing later in a line counts: all padding is before it. */
export function causal(
	{ graph }: LayerScope,
	x: Flow,
	{ kernel, dilations, padding }: Geometry,
): Flow {
	if (padding !== "CAUSAL") return x;
	const before = (kernel[0] - 1) * dilations[0];
	return graph.op("Pad", [
		x,
		graph.array("int32", [3, 2], [0, 0, before, 0, 0, 0]),
	]);
}
