import type { LayerScope, WeightName } from "../../entry.js";
import type { GraphBuilder, Value } from "../../graph/builder.js";
import type { Layer } from "../../model.js";

/** A cell of a recurrent layer: what it keeps from one step to the next, and what it does in one. */
export interface Cell {
	readonly weights: (layer: Layer) => readonly WeightName[];
	/** The shape of each state, without the batch. */
	readonly states: (layer: Layer, row: Value) => readonly (readonly number[])[];
	/** Which state is the cell's output. */
	readonly output: (layer: Layer) => number;
	/** What does not change: made outside of the loop, for rows of this shape. */
	readonly constants: (scope: LayerScope, row: Value) => readonly Value[];
	readonly step: (
		body: GraphBuilder,
		layer: Layer,
		of: CellStep,
	) => readonly Value[];
}

export interface CellStep {
	readonly row: Value;
	readonly states: readonly Value[];
	readonly constants: readonly Value[];
}
